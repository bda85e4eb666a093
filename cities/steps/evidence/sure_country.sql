-- Grain: label whose country is known: it says so, or only one place has its whole name.
select
    label.label_id,
    label.source_id,
    coalesce(label.country_iso2, place.country_iso2) as country_iso2
from label
left join only_one using (label_id)
left join place on place.city_id = only_one.city_id
where coalesce(label.country_iso2, place.country_iso2) is not null
