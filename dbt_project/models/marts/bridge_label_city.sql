-- One row per label of a polycentric unit × city that its name names; the label itself leads to the
-- principal one.
select
    resolution.label_id,
    member.city_id::bigint as city_id,
    member.city_id = resolution.city_id as is_principal
from {{ source('raw', 'resolution') }} as resolution
cross join unnest(resolution.member_city_ids) as member (city_id)
where resolution.city_id is not null
