-- Grain: country × key of the name of a part of a city: no city's name, where no city has it.
select distinct
    country_iso2,
    name_key(name) as name
from section_in
where name is not null
