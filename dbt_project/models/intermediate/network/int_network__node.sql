-- One row per network × time period × node: every place that the network has in the period, whether
-- or not a city is known of it.
with place as (
    select
        network,
        time_period,
        unnest([origin_node, destination_node]) as node_id
    from {{ ref('fct_city_link') }}
    union
    select
        network,
        time_period,
        node_id
    from {{ ref('fct_city_affiliation') }}
)

select
    place.network,
    place.time_period,
    {{ network_node('node') }} as node,
    any_value(node.city_id) as city_id,
    min(node.label) as label,
    any_value(network.directed) as directed,
    count(distinct place.node_id) as n_places
from place
inner join {{ ref('dim_network_node') }} as node
    on node.network = place.network and node.node_id = place.node_id
inner join {{ ref('dim_network') }} as network on network.network = place.network
group by all
