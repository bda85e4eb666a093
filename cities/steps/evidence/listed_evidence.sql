-- Grain: label × candidate, with how far it lies from the nearest listed town of the label's name;
-- 0 in the same admin unit and 999 in another, where the list gives no coordinates.
with listed_place as (
    select
        found_candidate.label_id,
        found_candidate.city_id,
        coalesce(
            kilometres(listing.latitude, listing.longitude, place.latitude, place.longitude),
            case
                when listing.admin1 = place.admin1 then 0
                when listing.admin1 != place.admin1 then 999
            end
        ) as km
    from found_candidate
    inner join listing using (label_id)
    inner join place using (city_id)
)

select
    label_id,
    city_id,
    min(km) as km_to_listed
from listed_place
group by label_id, city_id
