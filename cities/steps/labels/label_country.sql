-- Grain: label × country in which its city may lie.
with own as (
    select
        label.label_id,
        coalesce(label.country_iso2, country_code.country_iso2) as country_iso2
    from label
    left join country_code on country_code.country = label.country_text
    where coalesce(label.country_iso2, country_code.country_iso2) is not null
)

select
    label_id,
    country_iso2,
    true as is_own
from own
union all
-- Hong Kong under China, Martinique under France.
select
    own.label_id,
    territory.territory_iso2,
    false
from own
inner join territory using (country_iso2)
