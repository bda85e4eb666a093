-- One row per cell that may become part of a fact (content_id, row_number, column_name).
-- Gate 1 judges the series that these cells make.
select
    content_id,
    row_number,
    column_name,
    source_id,
    city_id,
    indicator,
    spatial_unit,
    time_period,
    fact_period,
    freq,
    obs_value,
    obs_status,
    label_id,
    coalesce(ref_area_code, ref_area) as ref_area
from {{ ref('int_cell__plausible') }}
where disposition is null
