-- One row per distinct label of a source: which city it was resolved to, how, or why not.
select
    label_id,
    source_id,
    code_scheme,
    ref_area_code,
    ref_area as ref_area_label,
    city_id::bigint as city_id,
    outcome,
    method,
    probability::double as probability,
    reviewed_by,
    candidates
from {{ source('raw', 'resolution') }}
