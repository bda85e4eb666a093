-- Grain: label × entry of a code list that has its name: a town that the gazetteer lacks is no
-- misspelt other one. A label with coordinates knows better, and an entry by itself tells nothing
-- new.
select
    placed_name.label_id,
    listed_town.admin1,
    listed_town.latitude,
    listed_town.longitude
from placed_name
inner join label using (label_id)
inner join listed_town
    on
        listed_town.country_iso2 = placed_name.country_iso2
        and listed_town.name = placed_name.name
where
    placed_name.rank <= 2 and placed_name.is_own
    and label.lat is null and not label.by_code
    and coalesce(label.admin_code = listed_town.admin1, true)
qualify placed_name.rank = min(placed_name.rank) over (partition by placed_name.label_id)
