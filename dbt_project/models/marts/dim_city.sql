-- One row per city (city_id, the GeoNames id): places of 15,000 inhabitants and more, capitals,
-- and every smaller place that carries a fact or code.
select
    city_id,
    name,
    ascii_name,
    country_iso2,
    admin1,
    latitude,
    longitude,
    timezone,
    place_class,
    gazetteer_population,
    content_id,
    row_number::bigint as row_number
from {{ ref('int_city') }}
