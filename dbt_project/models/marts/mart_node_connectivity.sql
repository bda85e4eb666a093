-- One row per network × time period × node: how central it is among all nodes of the network.
with ranked as (
    select
        node.*,
        measure.* exclude (network, time_period, node),
        interlock.gnc,
        interlock.newman,
        coalesce(interlock.gnc, measure.degree) as ranked_by
    from {{ ref('int_network__node') }} as node
    inner join {{ ref('int_network__measure') }} as measure using (network, time_period, node)
    left join {{ ref('int_network__interlock') }} as interlock using (network, time_period, node)
)

select
    network,
    time_period,
    try_cast(time_period as integer) as year,
    node,
    city_id,
    label,
    n_places::integer as n_places,
    degree::integer as degree,
    strength,
    closeness,
    betweenness,
    pagerank,
    clustering,
    component::integer as component,
    is_giant,
    community::integer as community,
    community_agreement,
    gnc,
    gnc / nullif(max(gnc) over in_network, 0) as gnc_of_max,
    gnc / nullif(sum(gnc) over in_network, 0) as gnc_share,
    newman,
    rank() over (partition by network, time_period order by ranked_by desc)::integer as rank
from ranked
window in_network as (partition by network, time_period)
order by network, time_period, node
