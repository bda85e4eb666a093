-- One row per network × time period × node of affiliations: its connectivity over all organisations
-- (Taylor 2001), without a matrix of pairs: what a node has of an organisation times what others
-- have of it; and the same with each organisation's part divided by its other nodes (Newman 2001).
with organisation as (
    select
        network,
        time_period,
        organisation,
        sum(service_value) as total,
        count(*) as n_nodes
    from {{ ref('int_network__presence') }}
    group by all
)

select
    presence.network,
    presence.time_period,
    presence.node,
    sum(presence.service_value * (organisation.total - presence.service_value)) as gnc,
    coalesce(sum(
        presence.service_value * (organisation.total - presence.service_value)
        / nullif(organisation.n_nodes - 1, 0)
    ), 0) as newman
from {{ ref('int_network__presence') }} as presence
inner join organisation using (network, time_period, organisation)
group by all
