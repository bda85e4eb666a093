-- One row per network × time period: its size, its shape, and how much of it leads to cities.
with node as (
    select
        network,
        time_period,
        count(*) as n_nodes,
        count(city_id) as n_cities,
        count(distinct component) as n_components,
        count(*) filter (where is_giant) as n_giant,
        max(degree) as max_degree,
        avg(clustering) as clustering,
        count(distinct community) as n_communities,
        -- The sum of a node's distances in the giant component, from its closeness.
        sum(1 / closeness) filter (where is_giant and closeness > 0) as sum_of_inverses
    from {{ ref('mart_node_connectivity') }}
    group by all
),

measured as (
    select
        network,
        time_period,
        any_value(stability) as community_stability,
        any_value(pivots) as pivots,
        any_value(sampling_error) as sampling_error,
        any_value(closeness_error) as closeness_error,
        any_value(top_in_common) as top_in_common
    from {{ ref('int_network__measure') }}
    group by all
),

-- Without direction: one row a pair.
pair as (
    select
        network,
        time_period,
        least(origin, destination) as one,
        greatest(origin, destination) as other
    from {{ ref('int_network__tie') }}
    where origin != destination
    group by all
),

tie as (
    select
        pair.network,
        pair.time_period,
        count(*) as n_ties,
        count(*) filter (where one.city_id is not null and other.city_id is not null)
            as n_city_ties,
        -- Newman (2002): both ends of every tie, in both orders.
        (avg(one.degree * other.degree) - pow(avg((one.degree + other.degree) / 2), 2))
        / nullif(
            avg((pow(one.degree, 2) + pow(other.degree, 2)) / 2)
            - pow(avg((one.degree + other.degree) / 2), 2), 0
        ) as assortativity
    from pair
    inner join {{ ref('mart_node_connectivity') }} as one
        on
            one.network = pair.network and one.time_period = pair.time_period
            and one.node = pair.one
    inner join {{ ref('mart_node_connectivity') }} as other
        on
            other.network = pair.network and other.time_period = pair.time_period
            and other.node = pair.other
    group by all
)

select
    node.network,
    node.time_period,
    try_cast(node.time_period as integer) as year,
    node.n_nodes::integer as n_nodes,
    node.n_cities::integer as n_cities,
    node.n_cities / node.n_nodes as share_of_nodes,
    coalesce(tie.n_ties, 0)::integer as n_ties,
    tie.n_city_ties / tie.n_ties as share_of_ties,
    2 * tie.n_ties / nullif(node.n_nodes * (node.n_nodes - 1), 0) as density,
    tie.assortativity,
    node.sum_of_inverses * (node.n_giant - 1) / ((node.n_nodes - 1) * node.n_giant) as mean_path,
    node.clustering,
    node.n_components::integer as n_components,
    node.n_giant::integer as n_giant,
    node.max_degree,
    nullif(node.n_communities, 0)::integer as n_communities,
    measured.community_stability,
    measured.pivots is not null as is_sampled,
    measured.pivots::integer as pivots,
    measured.sampling_error,
    measured.closeness_error,
    measured.top_in_common,
    chance.has_backbone,
    chance.has_fixed_model,
    network.scope,
    network.caveat
from node
inner join {{ ref('dim_network') }} as network on network.network = node.network
left join tie on tie.network = node.network and tie.time_period = node.time_period
left join measured
    on measured.network = node.network and measured.time_period = node.time_period
left join (
    select
        pair.network,
        pair.time_period,
        coalesce(bool_or(chance.model = 'sdsm'), false) as has_backbone,
        coalesce(bool_or(chance.model = 'fdsm'), false) as has_fixed_model
    from {{ ref('int_network__pair') }} as pair
    left join {{ ref('mart_interlock_chance') }} as chance
        using (network, time_period, origin, destination)
    group by all
) as chance on chance.network = node.network and chance.time_period = node.time_period
order by node.network, node.time_period
