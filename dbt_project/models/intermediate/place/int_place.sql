-- One row per place (city_id) that a label may mean. What a gazetteer has twice is one place, with
-- the names of both.
with twin_names as (
    select
        twin.other_city_id as city_id,
        flatten(list(list_concat(
            [place.name, place.ascii_name], from_json(place.alternate_names, '["VARCHAR"]')
        ))) as names,
        bool_or(place.is_core) as is_core
    from {{ ref('int_place__twin') }} as twin
    inner join {{ ref('int_place__described') }} as place on place.city_id = twin.city_id
    group by twin.other_city_id
)

select
    place.* replace (
        if(
            twin_names.city_id is null, place.alternate_names,
            to_json(list_sort(list_distinct(list_concat(
                coalesce(from_json(place.alternate_names, '["VARCHAR"]'), []), twin_names.names
            ))))::varchar
        ) as alternate_names,
        place.is_core or coalesce(twin_names.is_core, false) as is_core
    )
from {{ ref('int_place__described') }} as place
left join twin_names on twin_names.city_id = place.city_id
anti join {{ ref('int_place__twin') }} as twin on twin.city_id = place.city_id
