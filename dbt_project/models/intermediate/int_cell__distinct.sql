-- One row per cell (cell_id) that nothing has kept from a fact so far; keys are said once.
-- Ties have a model of their own (int_tie__cell).
select
    cell.cell_id,
    cell.content_id,
    cell.row_number,
    cell.column_name,
    cell.source_id,
    cell.city_id,
    cell.country_iso2,
    cell.indicator,
    cell.spatial_unit,
    cell.time_period,
    cell.fact_period,
    cell.freq,
    cell.value_form,
    cell.point,
    cell.obs_value,
    cell.obs_status,
    cell.max_step
from {{ ref('int_cell__resolved') }} as cell
anti join {{ ref('int_cell__repeated') }} as repeated on repeated.cell_id = cell.cell_id
where cell.disposition is null and cell.network is null
