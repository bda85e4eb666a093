-- One row per network × time period × pair of nodes with organisations in common, once a pair.
with tested as (
    select
        *,
        row_number() over (partition by network, time_period order by p_more, origin, destination)
            as nth
    from {{ ref('int_network__backbone') }}
),

counted as (
    select
        network,
        time_period,
        count(*) * (count(*) - 1) / 2 as n_pairs
    from {{ ref('int_network__node') }}
    group by all
),

-- Benjamini and Hochberg (1995), of all pairs of nodes: those with nothing in common count as well.
corrected as (
    select
        tested.*,
        least(1.0, min(tested.p_more * counted.n_pairs / tested.nth) over (
            partition by tested.network, tested.time_period
            order by tested.nth desc rows unbounded preceding
        )) as q_more
    from tested
    inner join counted using (network, time_period)
)

select
    pair.network,
    pair.time_period,
    try_cast(pair.time_period as integer) as year,
    pair.origin,
    pair.destination,
    one.city_id as origin_city_id,
    other.city_id as destination_city_id,
    pair.interlock,
    pair.n_shared::integer as n_shared,
    corrected.expected,
    corrected.p_more,
    corrected.p_fewer,
    corrected.q_more,
    corrected.p_more < {{ var('backbone_level') }} as is_backbone,
    corrected.q_more < {{ var('backbone_level') }} as is_backbone_corrected
from {{ ref('int_network__pair') }} as pair
-- A network with too many pairs has none.
left join corrected using (network, time_period, origin, destination)
inner join {{ ref('int_network__node') }} as one
    on
        one.network = pair.network and one.time_period = pair.time_period
        and one.node = pair.origin
inner join {{ ref('int_network__node') }} as other
    on
        other.network = pair.network and other.time_period = pair.time_period
        and other.node = pair.destination
order by pair.network, pair.time_period, pair.origin, pair.destination
