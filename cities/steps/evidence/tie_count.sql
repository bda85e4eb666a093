-- Grain: source × country × country of a partner. How many ties of the source join the two, and how
-- many would if countries did not matter.
with pair as (
    select
        own.source_id,
        own.country_iso2,
        other.country_iso2 as other_country,
        count(*) as ties
    from tie
    inner join sure_country as own using (label_id)
    inner join sure_country as other
        on other.label_id = tie.other_label_id and other.source_id = own.source_id
    group by all
)

select
    *,
    sum(ties) over (partition by source_id, country_iso2) as ties_of_country,
    sum(ties) over (partition by source_id, other_country)
    / sum(ties) over (partition by source_id) as share_of_other
from pair
