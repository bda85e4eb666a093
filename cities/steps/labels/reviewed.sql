-- Grain: label that a person decided; the city is null where the verdict is "no city".
select
    label.label_id,
    coalesce(register_code.city_id, decision_in.city_id) as city_id,
    decision_in.reviewed_by,
    decision_in.reason as review_reason
from label
inner join decision_in
    on
        decision_in.source_id = label.source_id
        and decision_in.ref_area is not distinct from label.ref_area
        and decision_in.ref_area_code is not distinct from label.ref_area_code
        and decision_in.country is not distinct from label.country
-- An id that the register has given up leads to its successor; one that it has lost, nowhere.
left join (
    select
        register_code.code,
        register_code.city_id
    from register_code
    inner join code_scheme using (scheme)
    where code_scheme.is_register = 'yes'
) as register_code
    on register_code.code = decision_in.city_id::varchar
where decision_in.city_id is null or register_code.city_id is not null
