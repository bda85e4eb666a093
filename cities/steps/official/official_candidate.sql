-- Grain: entry of an official list × place that it may be, with its best evidence:
-- 2 a main name of it, 1 another name, 0 it lies at the very spot.
with written as (
    select
        official_entry.*,
        squeezed(official_reading.name) as short_name
    from official_entry
    inner join official_reading using (code)
    union
    select
        *,
        unnest([own_name, full_name])
    from official_entry
),

banded as (
    select
        *,
        unnest(list_distinct([floor((latitude - 0.08) * 5), floor((latitude + 0.08) * 5)])) as band
    from official_entry
    where kind = 'city'
),

near as (
    select
        written.code,
        written.kind,
        written.country_iso2,
        written.latitude,
        written.longitude,
        gazetteer_name.city_id,
        max(if(gazetteer_name.is_main, 2, 1)) as named
    from written
    inner join gazetteer_name using (country_iso2, short_name)
    group by all
    union all
    select
        banded.code,
        banded.kind,
        banded.country_iso2,
        banded.latitude,
        banded.longitude,
        place.city_id,
        0
    from banded
    inner join place
        on
            place.country_iso2 = banded.country_iso2
            and floor(place.latitude * 5) = banded.band
    where abs(place.longitude - banded.longitude) < 0.15
)

select
    near.code,
    near.kind,
    near.country_iso2,
    near.city_id,
    near.named,
    coalesce(place.population, 0) as population,
    kilometres(near.latitude, near.longitude, place.latitude, place.longitude) as km
from near
inner join place using (city_id)
