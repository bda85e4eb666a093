-- One row per place (city_id) of any gazetteer that is no section and not abandoned: what a label
-- may mean. The first-ranked gazetteer describes it; the names of all count.
with placed as (
    select
        place.*,
        source.source_rank,
        source.source_rank = min(source.source_rank) over () as is_core
    from {{ ref('stg_place') }} as place
    inner join {{ source('raw', 'content') }} using (content_id)
    inner join {{ source('raw', 'source') }} as source using (source_id)
    where place.city_id is not null
),

-- What one gazetteer knows to be a part of a city, or abandoned, is so in every other.
unfit as (
    select city_id from placed
    where place_class in ('section', 'abandoned')
),

living as (
    select *
    from placed
    where
        latitude is not null and longitude is not null
        and city_id not in (select city_id from unfit)
),

named as (
    select
        city_id,
        to_json(list_sort(list_distinct(flatten(list(from_json(alternate_names, '["VARCHAR"]'))))))
        ::varchar as alternate_names
    from living
    group by city_id
)

select
    living.city_id,
    living.name,
    coalesce(living.ascii_name, strip_accents(living.name)) as ascii_name,
    named.alternate_names,
    living.country_iso2,
    living.admin1,
    living.latitude,
    living.longitude,
    living.timezone,
    living.place_class,
    living.gazetteer_population,
    living.is_core,
    living.content_id,
    living.row_number
from living
inner join named using (city_id)
qualify row_number() over (
    partition by living.city_id order by living.source_rank, living.content_id, living.row_number
) = 1
