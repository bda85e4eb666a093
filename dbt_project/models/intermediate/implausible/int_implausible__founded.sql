-- One row per cell (cell_id) of a year in which its city was not there yet, by a declared list:
-- what a compilation extends backwards is a figure of nothing.
select
    cell.cell_id,
    'before_city_existed' as reason
from {{ ref('int_cell__comparable') }} as cell
inner join {{ source('raw', 'city_founded') }} as begun
    on begun.city_id = cell.city_id and begun.spatial_unit = cell.spatial_unit
where try_cast(left(cell.time_period, 4) as integer) < begun.founded
