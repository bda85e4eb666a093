-- One row per id (city_id) under which a gazetteer has a city once more, and the id that stands for
-- it (other_city_id), in one country and admin unit: with the same name in letters within three
-- kilometres, or two large cities of one name within forty; with one that is the other's other name
-- and alike (Turaif and Ţurayf, Guidonia and Guidonia Montecelio), or the very same population;
-- with another spelling of it (Ponnūru and Ponnur), at one spot and of one size; or as the code
-- list `same_place` says. One of the two at least is a city by itself.
with place as (
    select
        city_id,
        country_iso2,
        admin1,
        latitude,
        longitude,
        alternate_names,
        coalesce(gazetteer_population, 0) as people,
        is_core,
        name,
        ascii_name,
        name_key(ascii_name) as name_key,
        replace(name_key(ascii_name), ' ', '') as letters,
        -- As wide as two small places may be apart: those of a band and the next are compared.
        floor(latitude * 111 / {{ var('same_name_km') }})::integer as band
    from {{ ref('int_place__described') }}
    cross join {{ source('raw', 'build') }} as build
    -- What was added by hand was added beside what is there.
    where city_id < build.own_ids_from
),

-- The larger stands for both; of equals the older id. Texts are heavy: they are looked at of these.
pair as (
    select
        one.city_id,
        other.city_id as other_city_id
    from (
        select
            * exclude (band),
            unnest([band - 1, band, band + 1]) as band
        from place
    ) as one
    inner join place as other
        on other.country_iso2 = one.country_iso2 and other.band = one.band
    where
        other.admin1 is not distinct from one.admin1
        and abs(other.longitude - one.longitude) * cos(radians(one.latitude))
        < {{ var('same_name_km') }} / 111.0
        and (other.people, -other.city_id) > (one.people, -one.city_id)
        and (one.is_core or other.is_core)
    union
    select
        one.city_id,
        other.city_id as other_city_id
    from place as one
    inner join place as other
        on other.country_iso2 = one.country_iso2 and other.admin1 = one.admin1
    where
        one.people >= {{ var('large_city') }} and other.people >= {{ var('large_city') }}
        and (other.people, -other.city_id) > (one.people, -one.city_id)
        and (one.is_core or other.is_core)
        and (
            other.letters = one.letters
            or damerau_levenshtein(other.letters, one.letters) <= 2
        )
),

compared as (
    select
        one.city_id,
        other.city_id as other_city_id,
        one.people,
        other.people as other_people,
        one.letters = other.letters as is_same,
        111 * sqrt(
            (other.latitude - one.latitude) ** 2
            + ((other.longitude - one.longitude) * cos(radians(one.latitude))) ** 2
        ) as km,
        contains(other.alternate_names, '"' || one.name || '"')
        or contains(other.alternate_names, '"' || one.ascii_name || '"')
        or contains(one.alternate_names, '"' || other.name || '"')
        or contains(one.alternate_names, '"' || other.ascii_name || '"') as is_other_name,
        damerau_levenshtein(other.letters, one.letters) <= 2 as is_alike,
        -- One letter, of many. What ends in a number is one of several parts.
        damerau_levenshtein(other.letters, one.letters) = 1
        and least(len(other.letters), len(one.letters)) >= {{ var('spelling_min_letters') }}
        and not regexp_matches(one.name || ' ' || other.name, '\d|\b[IVX]+\b') as is_spelling,
        contains(' ' || other.name_key || ' ', ' ' || one.name_key || ' ')
        or contains(' ' || one.name_key || ' ', ' ' || other.name_key || ' ') as is_short_form,
        -- A village beside a city of its name is a village.
        one.people = 0 or other.people < 10 * one.people as is_like_in_size
    from pair
    inner join place as one on one.city_id = pair.city_id
    inner join place as other on other.city_id = pair.other_city_id
),

near as (
    select
        city_id,
        other_city_id,
        other_people
    from compared
    where
        is_like_in_size
        and case
            when is_same
                then
                    km < {{ var('same_name_km') }}
                    or (
                        km < {{ var('large_same_name_km') }}
                        and least(people, other_people) >= {{ var('large_city') }}
                    )
            when is_spelling and people > 0 and other_people = people
                then km < {{ var('same_name_km') }}
            when is_spelling and people > 0 and other_people <= {{ var('same_size') }} * people
                then km < {{ var('same_spot_km') }}
            when not is_other_name then false
            when people > 0 and people = other_people then km < {{ var('same_name_km') }}
            when least(people, other_people) >= {{ var('large_city') }} and is_alike
                then km < {{ var('large_same_name_km') }}
            else (is_alike or is_short_form) and km < {{ var('same_spot_km') }}
        end
    union
    select
        declared.city_id,
        declared.same_as,
        place.people
    from {{ source('raw', 'same_place') }} as declared
    inner join place on place.city_id = declared.same_as
    where declared.city_id in (select known.city_id from place as known)
)

select
    city_id,
    other_city_id
from near
-- What another stands for stands for none.
where other_city_id not in (select lesser.city_id from near as lesser)
qualify row_number() over (
    partition by city_id order by other_people desc, other_city_id
) = 1
