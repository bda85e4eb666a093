-- Grain: place. What the other steps need of the gazetteer; population is null where unknown.
select
    city_id,
    country_iso2,
    name,
    admin1,
    latitude,
    longitude,
    population,
    is_core,
    place_class
from place_in
