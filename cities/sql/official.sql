-- What a country's own list of its cities and divisions names, where it has their seats.
-- Gazetteers name a seat after itself: 溧阳市 (Liyang) is Licheng there, and other places are called
-- Liyang. Grain: entry of an official list.
create table official_entry as
select
    code.code,
    code.country as country_iso2,
    admin_unit.admin1,
    official_list.kind,
    try_cast(code.latitude as double) as latitude,
    try_cast(code.longitude as double) as longitude,
    regexp_replace(code.label, official_list.pattern, '') as own_name,
    code.label as full_name
from code
inner join official_list
    on official_list.codelist = code.codelist and regexp_matches(code.label, official_list.pattern)
-- The first two digits of a code are the province's.
left join admin_unit
    on
        admin_unit.scheme = official_list.scheme
        and admin_unit.code = left(code.code, 2) || '0000'
where length(own_name) >= 2;

-- How its name may be read, a syllable for each character. Grain: entry × reading.
create table official_reading as
select
    official_entry.code,
    array_to_string(list_slice(romanised.syllables, 1, length(own_name)), '') as name,
    bool_or(romanised.is_usual) as is_usual
from official_entry
inner join romanised on romanised.written = official_entry.full_name
group by all;

-- The place of each: of its name nearby, the largest; where none is, what lies at the very spot.
-- Grain: entry × its place, and no place twice.
create table official_place as
with spoken as (
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
        spoken.* exclude (short_name),
        place_name.city_id,
        max(if(place_name.is_main, 2, 1)) as named
    from spoken
    inner join place_name using (country_iso2, short_name)
    group by all
    union all
    select
        banded.* exclude (band),
        place.city_id,
        0
    from banded
    inner join place
        on
            place.country_iso2 = banded.country_iso2
            and floor(place.latitude * 5) = banded.band
    where abs(place.longitude - banded.longitude) < 0.15
),

measured as (
    select
        near.* exclude (latitude, longitude),
        coalesce(place.population, 0) as population,
        kilometres(near.latitude, near.longitude, place.latitude, place.longitude) as km
    from near
    inner join place using (city_id)
),

own as (
    select * from measured
    where
        km <= case
            when named = 2 and population >= 100000 then 60
            when named > 0 then 25
            when population > 0 then 8
            else 2
        end
    qualify row_number() over (
        partition by code
        order by named > 0 desc, km <= 25 desc, population desc, named desc, km, city_id
    ) = 1
)

select
    code,
    kind,
    country_iso2,
    city_id
from own
qualify row_number() over (
    partition by city_id order by kind = 'city' desc, named desc, km, code
) = 1;

-- Of several readings the one that is the place's name in the gazetteer, or another of its names,
-- else the usual one.
-- Grain: entry.
create table official_name as
select
    official_entry.code,
    official_entry.kind,
    official_entry.country_iso2,
    official_entry.admin1,
    official_place.city_id,
    arg_max(
        official_reading.name,
        (
            coalesce(place_name.is_main, false), place_name.name is not null,
            official_reading.is_usual, official_reading.name
        )
    ) as name
from official_entry
inner join official_reading using (code)
left join official_place using (code)
left join place_name
    on
        place_name.city_id = official_place.city_id
        and place_name.short_name = squeezed(official_reading.name)
group by all;

-- The list's name is a name of the place, and a city's its own.
update place_name
set is_main = true
from official_name
where
    official_name.kind = 'city' and place_name.city_id = official_name.city_id
    and place_name.short_name = squeezed(official_name.name);

insert into place_name
select distinct
    official_name.city_id,
    official_name.country_iso2,
    official_name.name,
    official_name.kind = 'city',
    false,
    squeezed(official_name.name)
from official_name
anti join place_name
    on
        place_name.city_id = official_name.city_id
        and place_name.short_name = squeezed(official_name.name);
