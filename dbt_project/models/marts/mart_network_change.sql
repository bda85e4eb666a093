-- One row per network × edition that follows another: what was gained and lost, and what ranks did.
with node as (
    select
        edition.network,
        edition.time_period,
        edition.previous_period,
        count(*) filter (where before.node is null) as n_nodes_gained,
        corr(now.rank, before.rank) filter (where before.node is not null) as rank_correlation,
        max(abs(now.rank - before.rank)) as largest_rank_change,
        -- Every tie has two ends; one that a node took along is lost at the end that stays.
        sum(now.ties_gained) as ends_gained
    from {{ ref('int_network__edition') }} as edition
    inner join {{ ref('mart_node_connectivity') }} as now using (network, time_period)
    left join {{ ref('mart_node_connectivity') }} as before
        on
            before.network = edition.network and before.time_period = edition.previous_period
            and before.node = now.node
    group by all
)

select
    node.network,
    node.time_period,
    try_cast(node.time_period as integer) as year,
    node.previous_period,
    before.n_nodes as n_nodes_before,
    now.n_nodes,
    node.n_nodes_gained::integer as n_nodes_gained,
    (before.n_nodes - (now.n_nodes - node.n_nodes_gained))::integer as n_nodes_lost,
    before.n_ties as n_ties_before,
    now.n_ties,
    (node.ends_gained / 2)::integer as n_ties_gained,
    (before.n_ties - (now.n_ties - node.ends_gained / 2))::integer as n_ties_lost,
    node.rank_correlation,
    node.largest_rank_change::integer as largest_rank_change
from node
inner join {{ ref('mart_network') }} as now
    on now.network = node.network and now.time_period = node.time_period
inner join {{ ref('mart_network') }} as before
    on before.network = node.network and before.time_period = node.previous_period
order by node.network, node.time_period
