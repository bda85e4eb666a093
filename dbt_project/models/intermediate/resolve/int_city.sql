-- One row per city (city_id): all of the first-ranked gazetteer, and every smaller place that a
-- label leads to.
select place.*
from {{ ref('int_place') }} as place
left join (
    select city_id
    from {{ source('raw', 'resolution') }}
    where city_id is not null
    union
    select unnest(member_city_ids)
    from {{ source('raw', 'resolution') }}
    where city_id is not null
) as linked
    on linked.city_id = place.city_id
where place.is_core or linked.city_id is not null
