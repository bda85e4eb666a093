-- One row per network × source × time period × origin node × destination node.
select
    tie.network,
    tie.source_id,
    tie.time_period,
    try_cast(tie.time_period as integer) as year,
    tie.origin_node,
    tie.destination_node,
    any_value(origin.city_id) as origin_city_id,
    any_value(destination.city_id) as destination_city_id,
    if(any_value(tie.aggregation) = 'count', count(*), max(tie.obs_value))::double as weight,
    tie.tie_key
from {{ ref('int_tie__cell') }} as tie
inner join {{ ref('dim_network_node') }} as origin
    on origin.network = tie.network and origin.node_id = tie.origin_node
inner join {{ ref('dim_network_node') }} as destination
    on destination.network = tie.network and destination.node_id = tie.destination_node
where tie.kind = 'link' and tie.disposition is null
group by
    tie.network, tie.source_id, tie.time_period, tie.origin_node, tie.destination_node, tie.tie_key
