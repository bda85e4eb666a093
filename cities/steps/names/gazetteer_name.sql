-- Grain: place × key of one of its names, as the gazetteer has them.
with keyed as (
    select
        city_id,
        country_iso2,
        name,
        bool_or(is_main) as is_main
    from spelling
    where name != ''
    group by city_id, country_iso2, name
)

select
    keyed.city_id,
    keyed.country_iso2,
    keyed.name,
    keyed.is_main,
    -- "Braunau" of Braunau am Inn
    not keyed.is_main
    and contains(' ' || main_name.main_name || ' ', ' ' || keyed.name || ' ') as is_shortened,
    squeezed(keyed.name) as short_name
from keyed
left join main_name using (city_id)
