-- Grain: label without a country × country with which sources write its name. How many do: what
-- others mean by "Geneva" is likely meant here, too.
with named as (
    select
        label.label_id,
        label.source_id,
        label.country_iso2,
        label.country_text is null and not label.is_point as is_asked,
        label_name.name
    from label_name
    inner join label using (label_id)
    where label_name.rank = 1
),

used as (
    select
        name,
        country_iso2,
        count(distinct source_id) as sources
    from named
    where country_iso2 is not null
    group by all
)

select
    named.label_id,
    used.country_iso2,
    max(used.sources) as sources
from named
inner join used using (name)
where named.is_asked
group by all
