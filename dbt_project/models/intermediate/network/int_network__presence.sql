-- One row per network × time period × node × organisation, with the service value. A node is a
-- city, whatever its codes; a place that no city is known of stands under its own.
select
    affiliation.network,
    affiliation.time_period,
    {{ network_node('node') }} as node,
    affiliation.organisation,
    max(affiliation.service_value) as service_value,
    any_value(network.floor) as floor
from {{ ref('fct_city_affiliation') }} as affiliation
inner join {{ ref('dim_network_node') }} as node
    on node.network = affiliation.network and node.node_id = affiliation.node_id
inner join {{ ref('dim_network') }} as network on network.network = affiliation.network
group by all
