-- Grain: label × city whose companion is near. Of "Nuneaton and Bedworth" both are towns, near each
-- other: then the first is a town's name, too.
select distinct
    named_candidate.label_id,
    named_candidate.city_id
from named_candidate
inner join place using (city_id)
inner join label_part using (label_id)
inner join place_name
    on place_name.country_iso2 = place.country_iso2 and place_name.name = label_part.name
inner join place as companion on companion.city_id = place_name.city_id
anti join place_name as own
    on own.city_id = named_candidate.city_id and own.name = label_part.name
where
    named_candidate.rank >= 3
    and kilometres(place.latitude, place.longitude, companion.latitude, companion.longitude) < 80
