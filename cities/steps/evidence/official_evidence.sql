-- Grain: label × candidate, where an official list has the label's name: that this place is it, or
-- that another is, or none that the gazetteer has.
select
    found_candidate.label_id,
    found_candidate.city_id,
    min(kind) filter (where official_meaning.city_id = found_candidate.city_id) as is_kind,
    min(kind) filter (where official_meaning.city_id is distinct from found_candidate.city_id)
        as other_kind
from found_candidate
inner join official_meaning using (label_id)
group by all
