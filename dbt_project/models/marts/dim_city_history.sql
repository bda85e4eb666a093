-- One row per city × the releases for which it was described so: a new name in GeoNames, admin unit
-- or country begins a new row; a city that the gazetteers lose ends, with the city that it is now.
with now as (
    select
        city_id,
        name,
        country_iso2,
        admin1
    from {{ ref('int_city') }}
),

before as (
    select * from {{ source('raw', 'previous_city_history') }}
),

closed as (
    select before.*
    from before
    where valid_to_release is not null
),

opened as (
    select before.*
    from before
    where valid_to_release is null
),

compared as (
    select
        opened.*,
        now.city_id is not null as is_there,
        coalesce(
            now.name = opened.name and now.country_iso2 = opened.country_iso2
            and coalesce(now.admin1, '') = coalesce(opened.admin1, ''), false
        ) as is_same
    from opened
    left join now on now.city_id = opened.city_id
),

described as (
    select
        city_id,
        name,
        country_iso2,
        admin1,
        valid_from_release,
        valid_to_release,
        ended_by,
        successor_city_id
    from closed
    union all
    select
        compared.city_id,
        compared.name,
        compared.country_iso2,
        compared.admin1,
        compared.valid_from_release,
        case when not (compared.is_there and compared.is_same) then build.release end,
        case
            when compared.is_there and not compared.is_same then 'renamed'
            when not compared.is_there and successor.city_id is not null then 'merged'
            when not compared.is_there then 'left'
        end,
        successor.city_id as successor_city_id
    from compared
    cross join {{ source('raw', 'build') }} as build
    left join {{ ref('int_city__successor') }} as successor
        on successor.former_city_id = compared.city_id
    union all
    select
        now.city_id,
        now.name,
        now.country_iso2,
        now.admin1,
        build.release,
        null,
        null,
        null
    from now
    cross join {{ source('raw', 'build') }} as build
    left join compared on compared.city_id = now.city_id
    where compared.city_id is null or not compared.is_same
)

select
    city_id::bigint as city_id,
    name,
    country_iso2,
    admin1,
    valid_from_release,
    valid_to_release,
    ended_by,
    successor_city_id::bigint as successor_city_id
from described
