-- One row per index × city that it is about.
select
    index.index,
    city.city_id
from {{ source('raw', 'index') }} as index
inner join {{ ref('dim_city') }} as city
    on
        (index.min_population is null or city.gazetteer_population >= index.min_population)
        and (index.countries is null or list_contains(index.countries, city.country_iso2))
