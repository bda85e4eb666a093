-- One row per network × time period × pair of nodes × model of chance.
with tested as (
    select
        *,
        least(1.0, 2 * least(p_more, p_fewer)) as p_either
    from {{ ref('int_network__chance') }}
),

counted as (
    select
        network,
        time_period,
        count(*) * (count(*) - 1) / 2 as n_pairs
    from {{ ref('int_network__node') }}
    group by all
),

ranked as (
    select
        tested.*,
        counted.n_pairs,
        row_number() over (
            partition by network, time_period, model order by p_more, origin, destination
        ) as nth_more,
        row_number() over (
            partition by network, time_period, model order by p_either, origin, destination
        ) as nth_either
    from tested
    inner join counted using (network, time_period)
)

select
    network,
    time_period,
    try_cast(time_period as integer) as year,
    origin,
    destination,
    model,
    observed,
    expected,
    p_more,
    p_fewer,
    p_either,
    -- Benjamini and Hochberg (1995), of all pairs of nodes: those with nothing in common count too.
    least(1.0, min(p_more * n_pairs / nth_more) over (
        partition by network, time_period, model
        order by nth_more desc rows unbounded preceding
    )) as q_more,
    least(1.0, min(p_either * n_pairs / nth_either) over (
        partition by network, time_period, model
        order by nth_either desc rows unbounded preceding
    )) as q_either,
    'benjamini_hochberg' as correction,
    draws::integer as draws,
    trades::integer as trades,
    seed::integer as seed
from ranked
order by network, time_period, origin, destination, model
