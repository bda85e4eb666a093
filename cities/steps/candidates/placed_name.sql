-- Grain: label × key of its name × country in which it is looked for. Where a country lists its
-- cities itself, that list knows better than others' names do.
select
    label_name.label_id,
    label_name.rank,
    label_name.name,
    squeezed(label_name.name) as short_name,
    label_country.country_iso2,
    label_country.is_own,
    label_country.country_iso2 in (select country_iso2 from official_entry) as has_list
from label_name
inner join label_country using (label_id)
