-- One row per network × time period × pair of nodes with organisations in common, once a pair.
with corrected as (
    select
        *,
        p_more < {{ var('backbone_level') }} as is_backbone,
        q_more < {{ var('backbone_level') }} as is_backbone_corrected
    from {{ ref('mart_interlock_chance') }}
    where model = 'sdsm'
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
    corrected.is_backbone,
    corrected.is_backbone_corrected,
    from_origin.residual as origin_residual,
    from_destination.residual as destination_residual
from {{ ref('int_network__pair') }} as pair
-- A network with too many pairs has none.
left join corrected using (network, time_period, origin, destination)
left join {{ ref('int_network__hinterworld') }} as from_origin
    on
        from_origin.network = pair.network and from_origin.time_period = pair.time_period
        and from_origin.node = pair.origin and from_origin.partner = pair.destination
left join {{ ref('int_network__hinterworld') }} as from_destination
    on
        from_destination.network = pair.network and from_destination.time_period = pair.time_period
        and from_destination.node = pair.destination and from_destination.partner = pair.origin
inner join {{ ref('int_network__node') }} as one
    on
        one.network = pair.network and one.time_period = pair.time_period
        and one.node = pair.origin
inner join {{ ref('int_network__node') }} as other
    on
        other.network = pair.network and other.time_period = pair.time_period
        and other.node = pair.destination
order by pair.network, pair.time_period, pair.origin, pair.destination
