-- Grain: label × key of a name that it may stand for, with the best rank, in the order of trust:
-- 1 as written · 2 a part, or without the words for its kind · 3 the first of several cities ·
-- 4 in brackets.
with variant as (
    select
        label_id,
        rank,
        name
    from name_part
    union all
    -- Words that say what kind of place it is carry no identity.
    select
        name_part.label_id,
        greatest(name_part.rank, 2),
        unnest(also_named(name_part.name, label.country_iso2, label.is_point))
    from name_part
    inner join label using (label_id)
    union all
    select
        label_id,
        3,
        name
    from first_name
)

select
    label_id,
    name,
    min(rank) as rank
from variant
where name != ''
group by all
