-- One row per comparable cell (cell_id) of an indicator whose values do not jump, with the values
-- before and after it in its city's series. Stored: several rules look at steps in time.
select
    cell.cell_id,
    cell.city_id,
    city.country_iso2,
    cell.source_id,
    cell.indicator,
    cell.spatial_unit,
    cell.freq,
    cell.time_period,
    cell.value_kind,
    cell.obs_value,
    cell.log_value,
    cell.obs_status,
    -- What grows with the city is compared with other cities per head.
    cell.log_value
    - if(cell.value_kind in ('stock', 'flow'), ln(nullif(city.gazetteer_population, 0)), 0)
        as log_level,
    cell.max_step,
    lag(cell.obs_value) over in_time as value_before,
    lead(cell.obs_value) over in_time as value_after
from {{ ref('int_cell__comparable') }} as cell
inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
where cell.max_step is not null
window in_time as (
    partition by cell.city_id, cell.indicator, cell.source_id, cell.spatial_unit, cell.freq
    order by cell.time_period
)
