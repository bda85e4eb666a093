-- One row per network × time period that follows another edition of the same list.
with edition as (
    select distinct
        node.network,
        node.time_period
    from {{ ref('int_network__node') }} as node
    inner join {{ ref('dim_network') }} as network on network.network = node.network
    -- What has no date follows nothing.
    where network.comparable and node.time_period != 'undated'
)

select
    network,
    time_period,
    lag(time_period) over (partition by network order by time_period) as previous_period
from edition
qualify previous_period is not null
