-- One row per cell (cell_id) of a city that the rules of this folder compare with other cells.
-- Counted points are no figures of a city as a whole.
select
    cell.cell_id,
    cell.source_id,
    cell.indicator,
    cell.spatial_unit,
    cell.city_id,
    cell.time_period,
    cell.freq,
    cell.obs_value,
    if(cell.obs_value > 0, ln(cell.obs_value), null) as log_value,
    cell.obs_status,
    indicator.value_kind,
    indicator.unit_measure,
    indicator.max_step,
    indicator.per_person_min,
    indicator.per_person_max,
    indicator.gazetteer_comparable
from {{ ref('int_cell__distinct') }} as cell
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
where cell.point is null and cell.city_id is not null
