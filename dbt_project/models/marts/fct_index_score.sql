-- One row per index × year × city with a rank × node. Contributions of the leaves, and those of the
-- parts of one level, add up to the score of the index.
select
    score.index,
    score.year,
    score.city_id,
    score.node,
    node.kind,
    score.level,
    node.indicator,
    score.value,
    value.value_year,
    value.spatial_unit,
    value.source_id,
    value.observation_key,
    divisor.value as per_value,
    divisor.value_year as per_year,
    score.denominated as value_on_scale,
    score.treated as value_treated,
    score.score,
    score.weight,
    score.weight_used,
    score.contribution,
    score.coverage
from {{ ref('int_index__score') }} as score
inner join {{ ref('dim_index_node') }} as node
    on node.index = score.index and node.node = score.node
left join {{ ref('int_index__value') }} as value
    on
        value.index = score.index and value.year = score.year
        and value.city_id = score.city_id and value.indicator = node.indicator
left join {{ ref('int_index__value') }} as divisor
    on
        divisor.index = score.index and divisor.year = score.year
        and divisor.city_id = score.city_id and divisor.indicator = node.per
order by score.index, score.year, score.city_id, score.level, score.node
