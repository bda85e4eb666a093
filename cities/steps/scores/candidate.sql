-- Grain: label × candidate that remains. How probable it is, beside the others and beside "none of
-- these" (a conditional logit model: McFadden 1974); the weights were fitted, see
-- cities/evaluation.
with remaining as (
    select scored.*
    from scored
    anti join twin using (label_id, city_id)
    anti join listed_otherwise using (label_id, city_id)
),

top as (
    select
        label_id,
        greatest(max(score), weight_of('none', 'constant')) as top
    from remaining
    group by label_id
),

odds as (
    select
        remaining.*,
        exp(remaining.score - top.top) as odds,
        exp(weight_of('none', 'constant') - top.top) as odds_of_none
    from remaining
    inner join top using (label_id)
)

select
    label_id,
    city_id,
    score,
    -- Rounded, so that the order of a sum is not seen.
    round(odds / (odds_of_none + sum(odds) over (partition by label_id)), 9) as probability
from odds
