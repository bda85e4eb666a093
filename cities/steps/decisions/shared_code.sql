-- Grain: label without a city whose codes lead others to one. A code that one source resolved
-- counts for every source of that scheme, if all agree.
with code_city as (
    select
        scheme,
        code,
        any_value(city_id) as city_id,
        max(best_probability) as probability
    from label_code_use
    where city_id is not null
    group by all
    having count(distinct city_id) = 1
)

select
    label_code_use.label_id,
    any_value(code_city.city_id) as city_id,
    max(code_city.probability) as probability
from label_code_use
inner join code_city using (scheme, code)
inner join decided using (label_id)
where
    label_code_use.city_id is null and decided.not_city_kind is null
    and not decided.is_reviewed
group by label_code_use.label_id
having count(distinct code_city.city_id) = 1
