-- One row per index × year × node: what it weighs by declaration and in truth, what ranks would be
-- without it, and what was done to outliers of a leaf.
select
    found.index,
    found.year,
    found.node,
    node.kind,
    found.level,
    found.weight,
    found.weight_equal,
    found.weight_pca,
    found.weight_entropy,
    found.variance_share,
    found.mean_rank_change,
    found.most_rank_change,
    found.treatment,
    found.points::integer as points,
    found.skewness_before,
    found.kurtosis_before,
    found.skewness_after,
    found.kurtosis_after,
    found.passes
from {{ ref('int_index__node') }} as found
inner join {{ ref('dim_index_node') }} as node
    on node.index = found.index and node.node = found.node
order by found.index, found.year, found.level, found.node
