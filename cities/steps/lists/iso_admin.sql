-- Grain: country × ISO 3166-2 subdivision that is known as an admin unit of the gazetteer.
-- Both name admin units otherwise. Where a code list gives towns with the former and coordinates,
-- the gazetteer's towns of that name and place have the latter; nearly all must agree.
with entry as (
    select
        country as country_iso2,
        admin1 as subdivision,
        name_key(label) as name,
        try_cast(latitude as double) as latitude,
        try_cast(longitude as double) as longitude
    from code_in
    where admin1 is not null and latitude is not null
),

seen as (
    select
        entry.country_iso2,
        entry.subdivision,
        place.admin1,
        count(*) as towns
    from entry
    inner join gazetteer_name using (country_iso2, name)
    inner join place using (city_id)
    where
        place.admin1 is not null
        and abs(entry.latitude - place.latitude) < 0.2
        and abs(entry.longitude - place.longitude) < 0.3
    group by all
)

select
    country_iso2,
    subdivision,
    arg_max(admin1, (towns, admin1)) as admin1
from seen
group by country_iso2, subdivision
having max(towns) >= 2 and max(towns) >= 0.8 * sum(towns)
