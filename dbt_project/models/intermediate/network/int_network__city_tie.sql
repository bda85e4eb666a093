-- One row per network × pair of cities that are tied in its last period, whatever the direction.
select
    tie.network,
    tie.time_period,
    least(one.city_id, other.city_id) as one,
    greatest(one.city_id, other.city_id) as other,
    sum(tie.weight) as weight
from {{ ref('int_network__tie') }} as tie
inner join {{ ref('int_network__city') }} as one
    on
        one.network = tie.network and one.time_period = tie.time_period
        and one.node = tie.origin
inner join {{ ref('int_network__city') }} as other
    on
        other.network = tie.network and other.time_period = tie.time_period
        and other.node = tie.destination
where one.city_id != other.city_id
group by all
