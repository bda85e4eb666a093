-- Grain: entry of an official list, with its name in letters: of several readings the one that is
-- the place's main name in the gazetteer, or another of its names, else the usual one.
select
    official_entry.code,
    official_entry.kind,
    official_entry.country_iso2,
    official_entry.admin1,
    official_place.city_id,
    arg_max(
        official_reading.name,
        (
            coalesce(gazetteer_name.is_main, false), gazetteer_name.name is not null,
            official_reading.is_usual, official_reading.name
        )
    ) as name
from official_entry
inner join official_reading using (code)
left join official_place using (code)
left join gazetteer_name
    on
        gazetteer_name.city_id = official_place.city_id
        and gazetteer_name.short_name = squeezed(official_reading.name)
group by all
