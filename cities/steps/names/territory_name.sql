-- Grain: country × key of the name of one of its territories.
select
    territory.country_iso2,
    country_name.name,
    any_value(territory.territory_iso2) as territory_iso2
from territory
inner join country_name on country_name.country_iso2 = territory.territory_iso2
group by all
having count(distinct territory.territory_iso2) = 1
