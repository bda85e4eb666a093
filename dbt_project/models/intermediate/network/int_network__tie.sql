-- One row per network × time period × origin × destination: what ties two nodes, and how much. Of
-- links: how many different things they name (airlines), or the heaviest of them where they name
-- none; two airports or two items of one city add nothing that is there already. Of affiliations
-- the interlock, once a pair.
with named as (
    select
        edge_key,
        point
    from {{ ref('int_edge__cell') }}
    where disposition is null and kind = 'link'
    group by all
)

select
    link.network,
    link.time_period,
    {{ network_node('origin') }} as origin,
    {{ network_node('destination') }} as destination,
    greatest(max(link.weight), count(distinct named.point)) as weight
from {{ ref('fct_city_link') }} as link
inner join named on named.edge_key = link.edge_key
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
