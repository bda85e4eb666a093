-- Grain: label × candidate beside which another stands for both. The gazetteer has some cities
-- twice, as town and as unit.
select distinct
    lesser.label_id,
    lesser.city_id
from top_candidate as lesser
inner join top_candidate as greater
    on
        greater.label_id = lesser.label_id and greater.city_id != lesser.city_id
        and abs(greater.latitude - lesser.latitude) < 0.25
        and kilometres(
            greater.latitude, greater.longitude, lesser.latitude, lesser.longitude
        ) < 20
        and greater.precedence > lesser.precedence
