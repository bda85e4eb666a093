-- Grain: place that has a main name: the first of its main names in the order of letters.
select
    city_id,
    min(name) as main_name
from spelling
where is_main and name != ''
group by city_id
