-- Grain: label × city that the name of a polycentric unit names, the principal one among them.
with named as (
    select
        decided.label_id,
        decided.city_id as principal_city_id,
        label_part.name as part
    from decided
    inner join label_part using (label_id)
    where decided.city_id is not null and decided.method like '%principal_city%'
)

select
    named.label_id,
    place.city_id,
    any_value(place.city_id = named.principal_city_id) as is_principal
from named
inner join place as principal on principal.city_id = named.principal_city_id
inner join place_name
    on
        place_name.country_iso2 = principal.country_iso2
        and place_name.name = named.part
inner join place on place.city_id = place_name.city_id
where
    kilometres(principal.latitude, principal.longitude, place.latitude, place.longitude) <= 120
group by named.label_id, named.part, place.city_id
-- Of several of one name the largest, but for the principal city itself.
qualify row_number() over (
    partition by named.label_id, named.part
    order by is_principal desc, any_value(place.population) desc nulls last, place.city_id
) = 1
