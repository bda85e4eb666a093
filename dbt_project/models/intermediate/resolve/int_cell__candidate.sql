-- One row per cell (cell_id) that may become part of a fact, and per cell whose value alone is
-- impossible (`is_impossible`). Edges have a model of their own (int_edge__cell).
select
    cell_id,
    source_id,
    indicator,
    spatial_unit,
    city_id,
    country_iso2,
    time_period,
    freq,
    point,
    obs_value,
    obs_status,
    reason is not null as is_impossible
from {{ ref('int_cell__resolved') }}
where (disposition is null and network is null) or reason = 'impossible_value'
