-- One row per country × indicator × source × time period: context for the cities of the country.
select
    cell.country_iso2,
    cell.indicator,
    cell.source_id,
    cell.time_period,
    try_cast(cell.time_period as integer) as year,
    cell.obs_value::double as obs_value,
    indicator.unit_measure,
    cell.obs_status,
    written.content_id,
    written.row_number::bigint as row_number,
    written.column_name
from {{ ref('int_observation__passed') }} as cell
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
inner join {{ ref('stg_cell') }} as written on written.rowid = cell.cell_id
where cell.country_iso2 is not null and cell.time_period = cell.fact_period
