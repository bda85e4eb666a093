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
    corrected.network,
    corrected.time_period,
    try_cast(corrected.time_period as integer) as year,
    corrected.origin,
    corrected.destination,
    one.city_id as origin_city_id,
    other.city_id as destination_city_id,
    tie.weight as interlock,
    corrected.shared::integer as n_shared,
    corrected.expected,
    corrected.p_more,
    corrected.p_fewer,
    corrected.q_more,
    corrected.p_more < {{ var('backbone_level') }} as is_backbone,
    corrected.q_more < {{ var('backbone_level') }} as is_backbone_corrected
from corrected
inner join {{ ref('int_network__tie') }} as tie
    on
        tie.network = corrected.network and tie.time_period = corrected.time_period
        and tie.origin = corrected.origin and tie.destination = corrected.destination
inner join {{ ref('int_network__node') }} as one
    on
        one.network = corrected.network and one.time_period = corrected.time_period
        and one.node = corrected.origin
inner join {{ ref('int_network__node') }} as other
    on
        other.network = corrected.network and other.time_period = corrected.time_period
        and other.node = corrected.destination
where tie.weight >= {{ var('interlock_min') }}
order by corrected.network, corrected.time_period, corrected.origin, corrected.destination
