-- Grain: label without a country whose city another label of its source and name means as well. Of
-- two codes with the name Trujillo, one at most is the largest Trujillo; where the other is known
-- by its code, that one.
with claim as (
    select
        decided.label_id,
        label.source_id,
        label.spatial_unit,
        label.ref_area_code,
        name_key(label.written) as name,
        decided.is_by_name_alone and shared_code.label_id is null as is_by_name_alone,
        coalesce(shared_code.city_id, decided.city_id) as city_id
    from decided
    inner join label using (label_id)
    left join shared_code using (label_id)
    where label.ref_area_code is not null and not label.is_point
)

select distinct one.label_id
from claim as one
inner join claim as other
    on
        other.source_id = one.source_id
        and other.spatial_unit is not distinct from one.spatial_unit
        and other.name = one.name
        and other.city_id = one.city_id
        and other.ref_area_code != one.ref_area_code
where one.is_by_name_alone
