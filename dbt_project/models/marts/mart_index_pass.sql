-- One row per index × year × basis × two cities: the first was above the second and is no more.
select
    index,
    year,
    basis,
    city_id,
    other_city_id,
    cause,
    cause_city_id,
    points
from {{ ref('int_index__pass') }}
order by index, year, basis, city_id, other_city_id
