-- Grain: scheme × code that the register itself leads to one city: its ids, and the codes that it
-- has among its names.
select
    code_in.label as scheme,
    code_in.code,
    any_value(place.city_id) as city_id
from code_in
inner join code_scheme on code_scheme.scheme = code_in.other_code_scheme
inner join place on place.city_id = try_cast(code_in.other_code as bigint)
where code_scheme.is_register = 'yes'
group by all
having count(distinct place.city_id) = 1
union all
select
    code_scheme.scheme,
    place.city_id::varchar,
    place.city_id
from place
cross join code_scheme
where code_scheme.is_register = 'yes'
