-- Grain: label, with its city in the end, after labels of one code were compared. Where others of
-- a code lead to a city, a name without a country does not count. What a code has led to holds,
-- though the label that said so is gone.
with led as (
    select
        previous_in.label_id,
        previous_in.city_id
    from previous_in
    inner join decided using (label_id)
    inner join label on label.label_id = previous_in.label_id
    inner join place on place.city_id = previous_in.city_id
    where
        previous_in.is_unchanged and decided.is_without_candidate
        and label.ref_area_code is not null
        and decided.not_city_kind is null and not decided.is_reviewed
)

select
    decided.* exclude (city_id),
    if(is_by_name_alone and shared_code.city_id is not null, null, decided.city_id) as own_city_id,
    contested.label_id is not null as is_contested,
    coalesce(shared_code.city_id, led.city_id) as shared_city_id,
    shared_code.probability as shared_probability,
    if(
        contested.label_id is null, coalesce(own_city_id, shared_city_id), null
    ) as city_id
from decided
left join contested using (label_id)
left join shared_code using (label_id)
left join led using (label_id)
