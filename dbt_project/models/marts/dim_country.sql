-- One row per country that has a city.
with city as (
    select
        country_iso2,
        count(*) as cities
    from {{ ref('int_city') }}
    group by country_iso2
)

select
    city.country_iso2,
    country.iso3,
    coalesce(country.name, city.country_iso2) as name,
    city.cities::integer as cities
from city
left join {{ source('raw', 'country') }} as country using (country_iso2)
