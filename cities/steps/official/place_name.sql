-- Grain: place × key of one of its names, and what official lists name beside. Their name of a
-- place is one of its names, and a city's is a main one. What they name and the gazetteer lacks has
-- no city_id: the name is known, though no place is. Short names have no skeleton: they are not
-- compared by it.
with own as (
    select
        city_id,
        squeezed(name) as short_name,
        bool_or(kind = 'city') as is_city
    from official_name
    where city_id is not null
    group by all
),

added as (
    select distinct
        official_name.city_id,
        official_name.country_iso2,
        official_name.name,
        official_name.kind = 'city' as is_main,
        false as is_shortened,
        squeezed(official_name.name) as short_name
    from official_name
    anti join gazetteer_name
        on
            gazetteer_name.city_id = official_name.city_id
            and gazetteer_name.short_name = squeezed(official_name.name)
)

select
    gazetteer_name.* replace (
        gazetteer_name.is_main or coalesce(own.is_city, false) as is_main
    ),
    if(length(short_name) >= 4, skeleton(short_name), null) as skeleton
from gazetteer_name
left join own using (city_id, short_name)
union all
select
    *,
    if(length(short_name) >= 4, skeleton(short_name), null)
from added
