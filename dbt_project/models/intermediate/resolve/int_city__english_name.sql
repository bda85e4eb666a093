-- One row per city (city_id) whose name in English is not the gazetteer's: as the code list
-- `english_name` has it, else where sources of the whole world call it otherwise: two agree, and
-- none has the gazetteer's ("Yiyang" is filed under Heshan); or the gazetteer's has accents, and of
-- three most agree ("Cologne" is filed under Köln); else without the marks of a transliteration,
-- which are nobody's spelling ("Thāne", "Ḩamāh").
with written as (
    select
        resolution.city_id,
        resolution.source_id,
        resolution.ref_area,
        contains(resolution.method, 'official') as is_official,
        count(distinct resolution.country_iso2) over (partition by resolution.source_id)
            as countries
    from {{ source('raw', 'resolution') }} as resolution
    where
        resolution.city_id is not null and resolution.ref_area is not null
        -- Where the name itself was the evidence, with a country.
        and regexp_matches(resolution.method, '(^|\+)name\+(country|territory)')
),

called as (
    select distinct
        city_id,
        source_id,
        is_official,
        name,
        name_key(name) as name_key
    from (
        select
            city_id,
            source_id,
            is_official,
            -- "Wien (Vienna)": both. What follows a comma says where it lies.
            trim(unnest([
                regexp_replace(ref_area, '\s*[,(].*$', ''),
                regexp_extract(ref_area, '\(([^()]+)\)\s*$', 1)
            ])) as name
        from written
        where countries >= 60
    ) as part
    where regexp_full_match(name, '[\p{Latin}\s''’.-]{3,}') and name != upper(name)
),

counted as (
    select
        city_id,
        name_key,
        count(distinct source_id) as sources,
        bool_or(is_official) as is_official
    from called
    group by all
),

-- Of the ways to write it the most frequent, then the first in the order of letters.
spelt as (
    select
        city_id,
        name_key,
        name
    from called
    group by city_id, name_key, name
    qualify row_number() over (
        partition by city_id, name_key order by count(*) desc, name
    ) = 1
),

best as (
    select
        city_id,
        name_key,
        sources,
        is_official
    from counted
    qualify row_number() over (partition by city_id order by sources desc, name_key) = 1
),

learned as (
    select
        city.city_id,
        spelt.name
    from best
    inner join spelt on spelt.city_id = best.city_id and spelt.name_key = best.name_key
    inner join {{ ref('int_city') }} as city on city.city_id = best.city_id
    left join (
        select distinct
            city_id,
            name_key(unnest(from_json(alternate_names, '["VARCHAR"]'))) as name_key
        from {{ ref('int_city') }}
        where city_id in (select asked.city_id from best as asked)
    ) as other
        on other.city_id = best.city_id and other.name_key = best.name_key
    left join counted as own
        on own.city_id = best.city_id and own.name_key = name_key(city.name)
    where
        city.city_id not in (
            select declared.city_id from {{ source('raw', 'english_name') }} as declared
        )
        and best.name_key != name_key(city.name)
        and if(
            own.sources is null,
            -- A name that the gazetteer has beside its own may be a former one, unless the
            -- country's list of cities has it.
            best.sources >= if(other.city_id is null or best.is_official, 2, 3),
            best.sources >= 3 and best.sources > own.sources and city.name != city.ascii_name
        )
        -- The short form of a name, or another spelling of it, is no other name.
        and not contains(' ' || name_key(city.name) || ' ', ' ' || best.name_key || ' ')
        and not contains(' ' || best.name_key || ' ', ' ' || name_key(city.name) || ' ')
        and (
            own.sources is not null
            or jaro_winkler_similarity(best.name_key, name_key(city.name)) < 0.85
        )
)

from learned
union all
select
    city.city_id,
    -- The gazetteer's plain form of ‘ and ’, which English leaves out at the beginning.
    regexp_replace(replace(city.ascii_name, '`', ''''), '^''', '') as name
from {{ ref('int_city') }} as city
inner join {{ source('raw', 'country') }} as country using (country_iso2)
where
    country.script != 'Latn' and city.name != city.ascii_name
    -- Strokes and dots for sounds that Latin letters lack; accents may be an official spelling
    -- (Béjaïa, Niš).
    and regexp_matches(
        lower(city.name), '[āēīōūăĕĭŏŭşţḑḩķļņģḍḥḳḷṃṇṅṛṣṭẓḏẕẖḫṯ\x{0300}-\x{036f}‘’ʼ]'
    )
    and city.city_id not in (select named.city_id from learned as named)
    and city.city_id not in (
        select declared.city_id from {{ source('raw', 'english_name') }} as declared
    )
union all
-- The gazetteer's own name may be the one to keep, though older sources write another.
select
    declared.city_id,
    declared.name
from {{ source('raw', 'english_name') }} as declared
inner join {{ ref('int_city') }} as city on city.city_id = declared.city_id
where declared.name != city.name
