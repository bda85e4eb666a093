-- One row per cell (cell_id) of a country and years whose figures the source writes in another unit
-- than it says, as the code list `source_unit` declares.
select
    cell.cell_id,
    'other_unit' as reason
from {{ ref('int_cell__comparable') }} as cell
inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
inner join {{ source('raw', 'source_unit') }} as declared
    on
        declared.source_id = cell.source_id and declared.indicator = cell.indicator
        and declared.country_iso2 = city.country_iso2
where
    try_cast(left(cell.time_period, 4) as integer)
    between declared.first_year::integer and declared.last_year::integer
