-- Grain: label with codes that the register itself leads to one city: it needs no name.
with by_code as (
    select
        label.label_id,
        register_code.city_id
    from label
    inner join register_code
        on
            register_code.scheme = label.code_scheme
            and register_code.code = label.ref_area_code
    union
    select
        label.label_id,
        register_code.city_id
    from label
    inner join register_code
        on
            register_code.scheme = label.other_code_scheme
            and register_code.code = label.other_code
)

select
    label_id,
    any_value(city_id) as city_id
from by_code
group by label_id
having count(*) = 1
