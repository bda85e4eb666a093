-- Grain: label with coordinates where no city of its name is, and how far around it one is looked
-- for, in kilometres.
with found as (
    select distinct named_candidate.label_id
    from named_candidate
    inner join label using (label_id)
    inner join place using (city_id)
    where
        not label.is_point
        and kilometres(label.lat, label.lon, place.latitude, place.longitude) <= 15
)

select
    label.label_id,
    label.lat,
    label.lon,
    label.is_point,
    if(label.is_point, label.catchment_km, 12.0) as radius_km
from label
anti join found using (label_id)
where label.lat is not null and label.lon is not null
