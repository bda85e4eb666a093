-- One row per network × time period × part of the world × city: how central it is by ties there.
select
    within.network,
    within.time_period,
    try_cast(within.time_period as integer) as year,
    within.scope_kind,
    within.scope,
    node.city_id,
    within.n_nodes::integer as n_cities,
    within.degree::integer as degree,
    within.strength,
    within.closeness,
    within.betweenness,
    within.pivots is not null as is_sampled,
    rank() over (
        partition by within.network, within.time_period, within.scope_kind, within.scope
        order by if(network.kind = 'affiliation', within.strength, within.degree) desc
    )::integer as rank,
    city.name as city,
    city.country_iso2
from {{ ref('int_network__within') }} as within
inner join {{ ref('int_network__node') }} as node using (network, time_period, node)
inner join {{ ref('dim_network') }} as network on network.network = within.network
inner join {{ ref('dim_city') }} as city on city.city_id = node.city_id
order by
    within.network, within.time_period, within.scope_kind, within.scope, rank, node.city_id
