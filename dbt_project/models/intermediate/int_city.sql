-- One row per city (city_id): gazetteer places that are neither sections nor abandoned.
select
    city_id,
    name,
    coalesce(ascii_name, strip_accents(name)) as ascii_name,
    alternate_names,
    country_iso2,
    admin1,
    latitude,
    longitude,
    timezone,
    place_class,
    gazetteer_population,
    content_id,
    row_number
from {{ ref('stg_place') }}
where
    city_id is not null and latitude is not null and longitude is not null
    and place_class not in ('section', 'abandoned')
qualify row_number() over (partition by city_id order by content_id, row_number) = 1
