-- One row per country that has a city.
select
    country_iso2,
    count(*)::integer as cities
from {{ ref('int_city') }}
group by country_iso2
