-- One row per network × time period × origin × destination: what ties two nodes, and how much.
-- Links as they are, those of two airports of one city pair added up; of affiliations the
-- interlock, the sum of the products of the service values over organisations (Taylor 2001), once a
-- pair.
select
    link.network,
    link.time_period,
    {{ network_node('origin') }} as origin,
    {{ network_node('destination') }} as destination,
    sum(link.weight) as weight
from {{ ref('fct_city_link') }} as link
inner join {{ ref('dim_network_node') }} as origin
    on origin.network = link.network and origin.node_id = link.origin_node
inner join {{ ref('dim_network_node') }} as destination
    on destination.network = link.network and destination.node_id = link.destination_node
group by all
union all
select
    one.network,
    one.time_period,
    one.node as origin,
    other.node as destination,
    sum(one.service_value * other.service_value) as weight
from {{ ref('int_network__presence') }} as one
inner join {{ ref('int_network__presence') }} as other
    on
        other.network = one.network and other.time_period = one.time_period
        and other.organisation = one.organisation and other.node > one.node
group by all
