-- One row per distinct label of a source: which city it was resolved to, how, or why not.
select
    label_id,
    source_id,
    code_scheme,
    ref_area_code,
    ref_area as ref_area_label,
    given_ref_area as ref_area,
    given_country as country_label,
    given_admin1 as admin1_label,
    country_iso2,
    spatial_unit,
    latitude::double as latitude,
    longitude::double as longitude,
    population::double as population,
    city_id::bigint as city_id,
    outcome,
    method,
    probability::double as probability,
    reviewed_by,
    review_reason,
    candidates
from {{ source('raw', 'resolution') }}
