-- One row per index × year × city × place: the five cities with the most similar scores of leaves.
select
    index,
    year,
    city_id,
    place,
    other_city_id,
    distance,
    shared as shared_weight
from {{ ref('int_index__peer') }}
order by index, year, city_id, place
