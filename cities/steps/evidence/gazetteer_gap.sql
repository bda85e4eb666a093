-- Grain: country. How many of the names of its labels the gazetteer lacks, as a logarithm: where
-- many, one that it has may be another's.
select
    label.country_iso2,
    -- One in twenty until labels say otherwise, and never less than the weight was fitted on.
    ln(greatest((sum((named.label_id is null)::int) + 2.5) / (count(*) + 50), 0.03)) as gap
from label
left join (
    select distinct label_id from named_candidate
    where rank <= 2
) as named using (label_id)
where label.country_iso2 is not null and not label.is_point
group by label.country_iso2
