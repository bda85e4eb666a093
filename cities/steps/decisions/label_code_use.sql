-- Grain: label × code that it has: its source's, and a second one of another scheme. What a label
-- without a country was linked to by its name tells nothing of the code: its city is null here.
select
    label_id,
    source_id,
    spatial_unit,
    code_scheme as scheme,
    ref_area_code as code,
    if(country_text is null and not is_point, null, city_id) as city_id,
    best_probability,
    is_reviewed
from decided
inner join label using (label_id)
where code_scheme is not null and ref_area_code is not null
union
select
    label_id,
    source_id,
    spatial_unit,
    other_code_scheme,
    other_code,
    if(country_text is null and not is_point, null, city_id) as city_id,
    best_probability,
    is_reviewed
from decided
inner join label using (label_id)
where other_code_scheme is not null and other_code is not null
