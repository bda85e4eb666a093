-- Grain: country × key of one of its names; short ones are codes.
select distinct
    country_iso2,
    name_key(name) as name
from country_name_in
where length(name) > 3
