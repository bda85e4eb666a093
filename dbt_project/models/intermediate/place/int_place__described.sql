-- One row per id (city_id) of a place of any gazetteer that is no section and not abandoned. The
-- first-ranked gazetteer describes it; the names of all count.
with ranked as (
    select
        content.content_id,
        source.source_rank,
        source.source_rank = min(source.source_rank) over () as is_core
    from (select distinct content_id from {{ ref('stg_place') }}) as held
    inner join {{ source('raw', 'content') }} as content using (content_id)
    inner join {{ source('raw', 'source') }} as source using (source_id)
),

-- What one gazetteer knows to be a part of a city, or abandoned, is so in every other.
unfit as (
    select city_id
    from {{ ref('stg_place') }}
    where place_class in ('section', 'abandoned') and city_id is not null
),

place as (
    select
        place.*,
        ranked.source_rank,
        ranked.is_core
    from {{ ref('stg_place') }} as place
    inner join ranked on ranked.content_id = place.content_id
    where
        place.city_id is not null and place.latitude is not null and place.longitude is not null
        and place.city_id not in (select city_id from unfit)
),

repeated as (
    select
        city_id,
        -- Sorted: labels are resolved anew wherever a place differs.
        to_json(list_sort(list_distinct(flatten(list(
            from_json(alternate_names, '["VARCHAR"]')
        )))))::varchar as alternate_names
    from place
    group by city_id
    having count(*) > 1
),

merged as (
    select place.* replace (repeated.alternate_names as alternate_names)
    from place
    inner join repeated on repeated.city_id = place.city_id
    qualify row_number() over (
        partition by place.city_id order by place.source_rank, place.content_id, place.row_number
    ) = 1
),

described as (
    from merged
    union all
    -- Most places are in one gazetteer only.
    select place.*
    from place
    anti join repeated on repeated.city_id = place.city_id
)

select
    city_id,
    name,
    coalesce(ascii_name, strip_accents(name)) as ascii_name,
    alternate_names,
    country_iso2,
    admin1,
    latitude,
    longitude,
    timezone,
    place_class,
    gazetteer_population,
    is_core,
    content_id,
    row_number
from described
