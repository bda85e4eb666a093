-- One row per city (city_id, the GeoNames id): places of 15,000 inhabitants and more, capitals,
-- and every smaller place that carries a fact or code.
select
    city.city_id,
    coalesce(english.name, city.name) as name,
    if(english.name is null, city.ascii_name, strip_accents(english.name)) as ascii_name,
    city.name as local_name,
    city.country_iso2,
    city.admin1,
    city.latitude,
    city.longitude,
    city.timezone,
    city.place_class,
    city.gazetteer_population,
    city.content_id,
    city.row_number::bigint as row_number
from {{ ref('int_city') }} as city
left join {{ ref('int_city__english_name') }} as english on english.city_id = city.city_id
