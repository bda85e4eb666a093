-- Grain: label whose whole name only one city has. What sources do is learned from these: their
-- names leave no doubt.
select
    label_id,
    any_value(source_id) as source_id,
    any_value(city_id) as city_id,
    any_value(label_country) as label_country,
    any_value(population) as population,
    any_value(stated_population) as stated_population,
    any_value(km) as km
from candidate_fact
where similarity = 1 and rank = 1
group by label_id
having count(*) = 1
