-- Grain: label with a town in brackets, and the admin units that have such a one.
-- "Aligarh (Jagraon)" lies where there is a Jagraon.
select
    placed_name.label_id,
    list(distinct place.admin1) as admin1s
from placed_name
inner join place_name using (country_iso2, short_name)
inner join place using (city_id)
-- A town of some size tells where; a village of that name does not.
where
    placed_name.rank = 4 and length(placed_name.name) >= 4
    and place.admin1 is not null and place.population >= 10000
group by placed_name.label_id
