-- Grain: label without a city, with the best eight places of its name that its admin unit or its
-- coordinates contradict: no answer, but what a person would look at.
select
    named_candidate.label_id,
    list({
        'city_id': city_id, 'name': place.name, 'admin1': place.admin1,
        'km': round(kilometres(label.lat, label.lon, place.latitude, place.longitude), 1),
        'population': place.population, 'probability': 0.0
    } order by rank, place.population desc nulls last, city_id)[:8] as candidates
from named_candidate
inner join place using (city_id)
inner join settled using (label_id)
inner join label using (label_id)
where settled.city_id is null
group by named_candidate.label_id
