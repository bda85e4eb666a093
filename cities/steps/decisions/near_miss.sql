-- Grain: label without a city, with its best eight candidates, for a person.
select
    candidate.label_id,
    list({
        'city_id': candidate.city_id, 'name': name, 'admin1': admin1,
        'km': round(km, 1), 'population': population,
        'probability': round(candidate.probability, 4)
    } order by candidate.probability desc, population desc, candidate.city_id)[:8]
        as candidates
from candidate
inner join candidate_evidence using (label_id, city_id)
inner join settled using (label_id)
where settled.city_id is null
group by candidate.label_id
