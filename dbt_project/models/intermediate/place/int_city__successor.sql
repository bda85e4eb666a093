-- One row per GeoNames id of a former city (former_city_id) that the gazetteers no longer have, or
-- have twice: the city that it is now, where one of that name lies in its place. Merged and
-- renumbered cities, and the second ids of others.
with former as (
    select
        previous.city_id as former_city_id,
        -- Before there were English names, this was the only one.
        coalesce(previous.local_name, previous.name) as name,
        previous.country_iso2,
        previous.latitude,
        previous.longitude
    from {{ source('raw', 'previous_city') }} as previous
    anti join {{ ref('int_place') }} as place on place.city_id = previous.city_id
),

-- What an earlier release knew as a former id stays one, wherever its city has gone since.
known as (
    select
        try_cast(code as bigint) as former_city_id,
        city_id as later_city_id
    from {{ source('raw', 'previous_city_code') }}
    where scheme in ('geonames', 'wcn') and code != city_id::varchar
),

named as (
    select
        former.former_city_id,
        place.city_id,
        row_number() over (
            partition by former.former_city_id
            order by place.gazetteer_population desc nulls last, place.city_id
        ) as position
    from former
    inner join {{ ref('int_place') }} as place
        on
            place.country_iso2 = former.country_iso2
            and abs(place.latitude - former.latitude) < 0.2
            and abs(place.longitude - former.longitude) < 0.3
    where
        strip_accents(lower(place.name)) = strip_accents(lower(former.name))
        or contains(place.alternate_names, '"' || former.name || '"')
),

successor as (
    select
        city_id as former_city_id,
        other_city_id as city_id
    from {{ ref('int_place__twin') }}
    union all
    select
        former_city_id,
        city_id
    from named
    where position = 1 and former_city_id not in (select city_id from {{ ref('int_place__twin') }})
)

select * from successor
union all
select
    known.former_city_id,
    coalesce(successor.city_id, known.later_city_id) as city_id
from known
left join successor on successor.former_city_id = known.later_city_id
anti join {{ ref('int_place') }} as place on place.city_id = known.former_city_id
anti join successor as again on again.former_city_id = known.former_city_id
where
    coalesce(successor.city_id, known.later_city_id)
    in (select city_id from {{ ref('int_place') }})
