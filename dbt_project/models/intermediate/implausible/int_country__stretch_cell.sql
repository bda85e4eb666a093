-- One row per cell (cell_id) of a country whose cities step together, with the stretch between two
-- shared steps that it lies in, counted from zero.
with stepped as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        country_iso2,
        list(time_period) as periods
    from {{ ref('int_country__step') }}
    group by all
)

select
    cell.cell_id,
    cell.source_id,
    cell.indicator,
    cell.spatial_unit,
    cell.freq,
    cell.country_iso2,
    cell.city_id,
    cell.time_period,
    cell.log_value,
    cell.log_level,
    len(list_filter(stepped.periods, lambda p: p <= cell.time_period)) as stretch
from {{ ref('int_cell__neighbour') }} as cell
inner join stepped using (source_id, indicator, spatial_unit, freq, country_iso2)
