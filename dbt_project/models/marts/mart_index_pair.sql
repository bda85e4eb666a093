-- One row per index × year × two cities at most ten ranks apart, the better one first.
select
    index,
    year,
    city_id,
    other_city_id,
    probability
from {{ ref('int_index__pair') }}
order by index, year, city_id, other_city_id
