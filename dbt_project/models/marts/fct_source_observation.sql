-- One row per source cell: as it was written, what it means, and what became of it.
select
    content_id,
    row_number::bigint as row_number,
    column_name,
    source_id,
    resource,
    ref_area as ref_area_label,
    ref_area_code,
    country as country_label,
    indicator,
    indicator_code,
    time_period,
    freq,
    spatial_unit,
    value_text,
    obs_value::double as obs_value,
    obs_status,
    city_id::bigint as city_id,
    label_id,
    disposition,
    reason
from {{ ref('int_cell__disposed') }}
