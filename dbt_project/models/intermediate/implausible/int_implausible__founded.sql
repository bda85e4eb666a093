-- One row per cell (cell_id) of a year in which its city was not there, by a declared list: what a
-- compilation extends backwards or goes on with is a figure of nothing.
select
    cell.cell_id,
    if(
        left(cell.time_period, 4)::integer < lived.founded,
        'before_city_existed', 'after_city_ended'
    ) as reason
from {{ ref('int_cell__comparable') }} as cell
inner join {{ source('raw', 'city_founded') }} as lived
    on lived.city_id = cell.city_id and lived.spatial_unit = cell.spatial_unit
where
    try_cast(left(cell.time_period, 4) as integer) < lived.founded
    or try_cast(left(cell.time_period, 4) as integer) >= lived.abolished
