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
),

-- As numbers among all nodes of the network.
numbered as (
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
)

select
    numbered.*,
    edition.previous_period,
    before.rank as rank_before,
    if(edition.previous_period is not null, coalesce(change.ties_gained, 0), null)::integer
        as ties_gained,
    if(edition.previous_period is not null, coalesce(change.ties_lost, 0), null)::integer
        as ties_lost
from numbered
left join {{ ref('int_network__edition') }} as edition using (network, time_period)
left join numbered as before
    on
        before.network = numbered.network and before.time_period = edition.previous_period
        and before.node = numbered.node
left join {{ ref('int_network__change') }} as change
    on
        change.network = numbered.network and change.time_period = numbered.time_period
        and change.node = numbered.node
order by numbered.network, numbered.time_period, numbered.node
