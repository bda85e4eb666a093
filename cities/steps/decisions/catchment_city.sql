-- Grain: point, with the city around it that draws most (Reilly 1931).
select
    label_id,
    first(city_id order by population / pow(greatest(km, 10), 2) desc nulls last, city_id)
        as city_id
from around
where is_point
group by label_id
