-- Grain: label that has the name of a region: another name of a town may be the region's.
select distinct placed_name.label_id
from placed_name
inner join subdivision using (country_iso2, name)
where placed_name.rank = 1 and subdivision.meaning != 'city'
