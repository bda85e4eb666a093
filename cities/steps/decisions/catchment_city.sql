-- Grain: point, with the city around it that draws most (Reilly 1931); those within a sixth of the
-- reach, and within ten kilometres, are alike in distance.
select
    label_id,
    arg_max(
        city_id,
        (coalesce(population, 0) / pow(greatest(km, least(radius_km / 6, 10)), 2), -city_id)
    ) as city_id
from around
where is_point
group by label_id
