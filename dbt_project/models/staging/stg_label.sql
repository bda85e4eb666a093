-- One row per distinct label (label_id) that a source uses for a place it says something about.
select distinct
    label_id,
    source_id,
    code_scheme,
    ref_area_code,
    ref_area,
    country,
    admin1,
    latitude,
    longitude,
    spatial_unit
from {{ ref('stg_cell') }}
where filter_reason is null and coalesce(indicator, indicator_code) is not null
