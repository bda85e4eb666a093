-- One row per network × source × time period × origin node × destination node.
select
    edge.network,
    edge.source_id,
    edge.time_period,
    try_cast(edge.time_period as integer) as year,
    edge.origin_node,
    edge.destination_node,
    any_value(origin.city_id) as origin_city_id,
    any_value(destination.city_id) as destination_city_id,
    if(any_value(edge.aggregation) = 'count', count(*), max(edge.obs_value))::double as weight,
    edge.edge_key
from {{ ref('int_edge__cell') }} as edge
inner join {{ ref('dim_network_node') }} as origin
    on origin.network = edge.network and origin.node_id = edge.origin_node
inner join {{ ref('dim_network_node') }} as destination
    on destination.network = edge.network and destination.node_id = edge.destination_node
where edge.kind = 'link' and edge.disposition is null
group by
    edge.network, edge.source_id, edge.time_period, edge.origin_node, edge.destination_node,
    edge.edge_key
order by edge_key
