-- One row per network × time period × origin × destination: what ties two nodes, and how much.
-- Links as they are, those of two airports of one city pair added up; of affiliations the
-- interlock, once a pair.
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
    network,
    time_period,
    origin,
    destination,
    interlock as weight
from {{ ref('int_network__pair') }}
