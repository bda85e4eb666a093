-- One row per network × city that it has in its last period, with what gravity needs of it.
with latest as (
    select
        network,
        max_by(time_period, (coalesce(try_cast(left(time_period, 4) as integer), 0), time_period))
            as time_period
    from {{ ref('int_network__node') }}
    group by all
)

select
    node.network,
    node.time_period,
    node.node,
    node.city_id,
    city.gazetteer_population as population,
    city.latitude,
    city.longitude
from {{ ref('int_network__node') }} as node
inner join latest using (network, time_period)
inner join {{ ref('dim_city') }} as city on city.city_id = node.city_id
