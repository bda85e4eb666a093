-- One row per network × source × time period × node × organisation.
select
    edge.network,
    edge.source_id,
    edge.time_period,
    try_cast(edge.time_period as integer) as year,
    edge.origin_node as node_id,
    any_value(node.city_id) as city_id,
    edge.organisation,
    if(
        any_value(edge.aggregation) = 'count', count(*), max(edge.obs_value)
    )::double as service_value,
    edge.edge_key
from {{ ref('int_edge__cell') }} as edge
inner join {{ ref('dim_network_node') }} as node
    on node.network = edge.network and node.node_id = edge.origin_node
where edge.kind = 'affiliation' and edge.disposition is null
group by
    edge.network, edge.source_id, edge.time_period, edge.origin_node, edge.organisation,
    edge.edge_key
order by edge_key
