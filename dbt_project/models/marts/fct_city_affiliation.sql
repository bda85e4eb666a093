-- One row per network × source × time period × node × organisation.
select
    tie.network,
    tie.source_id,
    tie.time_period,
    try_cast(tie.time_period as integer) as year,
    tie.origin_node as node_id,
    any_value(node.city_id) as city_id,
    tie.organisation,
    if(
        any_value(tie.aggregation) = 'count', count(*), max(tie.obs_value)
    )::double as service_value,
    tie.tie_key
from {{ ref('int_tie__cell') }} as tie
inner join {{ ref('dim_network_node') }} as node
    on node.network = tie.network and node.node_id = tie.origin_node
where tie.kind = 'affiliation' and tie.disposition is null
group by
    tie.network, tie.source_id, tie.time_period, tie.origin_node, tie.organisation, tie.tie_key
