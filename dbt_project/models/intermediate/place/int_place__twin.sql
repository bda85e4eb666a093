-- One row per id (city_id) under which a gazetteer has a city once more, and the id that stands for
-- it (other_city_id): in one country and admin unit, at one spot, with the same name in letters, or
-- with one that is the other's other name and alike (Turaif and Ţurayf, Guidonia and Guidonia
-- Montecelio). One of the two at least is a city by itself.
with place as (
    select
        city_id,
        country_iso2,
        admin1,
        latitude,
        longitude,
        alternate_names,
        gazetteer_population,
        place_class,
        is_core,
        name,
        ascii_name,
        name_key(ascii_name) as name_key,
        -- As wide as two places may be apart: those of a band and the next are compared.
        floor(latitude / 0.0135)::integer as band
    from {{ ref('int_place__described') }}
    cross join {{ source('raw', 'build') }} as build
    -- What was added by hand was added beside what is there.
    where city_id < build.own_ids_from
),

-- At one spot. Texts are heavy: they are looked at of these alone.
close as (
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
        -- A kilometre and a half.
        abs(other.latitude - one.latitude) < 0.0135
        and abs(other.longitude - one.longitude) * cos(radians(one.latitude)) < 0.0135
        and other.admin1 is not distinct from one.admin1
        and other.city_id != one.city_id
        and (one.is_core or other.is_core)
        -- The larger stands for both; of equals the older id.
        and (coalesce(other.gazetteer_population, 0), -other.city_id)
        > (coalesce(one.gazetteer_population, 0), -one.city_id)
        -- A village beside a city of its name is a village.
        and (
            coalesce(one.gazetteer_population, 0) = 0
            or other.gazetteer_population < 10 * one.gazetteer_population
        )
),

near as (
    select
        one.city_id,
        one.name_key,
        other.city_id as other_city_id,
        other.name_key as other_key,
        other.gazetteer_population as other_population,
        contains(other.alternate_names, '"' || one.name || '"')
        or contains(other.alternate_names, '"' || one.ascii_name || '"')
        or contains(one.alternate_names, '"' || other.name || '"')
        or contains(one.alternate_names, '"' || other.ascii_name || '"') as is_other_name,
        row_number() over (
            partition by one.city_id
            order by other.gazetteer_population desc nulls last, other.city_id
        ) as position
    from close
    inner join place as one on one.city_id = close.city_id
    inner join place as other on other.city_id = close.other_city_id
    where
        (
            replace(other.name_key, ' ', '') = replace(one.name_key, ' ', '')
            or (
                is_other_name
                and (
                    contains(' ' || other.name_key || ' ', ' ' || one.name_key || ' ')
                    or contains(' ' || one.name_key || ' ', ' ' || other.name_key || ' ')
                    or damerau_levenshtein(other.name_key, one.name_key) <= 2
                )
            )
        )
)

select
    city_id,
    other_city_id
from near
where
    position = 1
    -- What another stands for stands for none.
    and other_city_id not in (select lesser.city_id from near as lesser)
