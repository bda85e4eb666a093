-- One row per network × time period × node × partner with an organisation in common: how much more
-- the two share than the partner's connectivity explains. Of every node, its interlocks with all
-- others (none is nought) are regressed on their connectivity; the residual is studentised. Null
-- where the others are all alike, or nothing is left to explain, or there are fewer than three.
with seen as (
    select
        network,
        time_period,
        origin as node,
        destination as partner,
        interlock
    from {{ ref('int_network__pair') }}
    union all
    select
        network,
        time_period,
        destination,
        origin,
        interlock
    from {{ ref('int_network__pair') }}
),

everybody as (
    select
        network,
        time_period,
        count(*) - 1 as m,
        sum(gnc) as sum_x,
        sum(gnc * gnc) as sum_xx
    from {{ ref('int_network__interlock') }}
    group by all
),

own as (
    select
        seen.network,
        seen.time_period,
        seen.node,
        any_value(everybody.m) as m,
        any_value(everybody.sum_x - self.gnc) as sum_x,
        any_value(everybody.sum_xx - self.gnc * self.gnc) as sum_xx,
        sum(seen.interlock) as sum_y,
        sum(seen.interlock * seen.interlock) as sum_yy,
        sum(seen.interlock * partner.gnc) as sum_xy
    from seen
    inner join everybody using (network, time_period)
    inner join {{ ref('int_network__interlock') }} as self using (network, time_period, node)
    inner join {{ ref('int_network__interlock') }} as partner
        on
            partner.network = seen.network and partner.time_period = seen.time_period
            and partner.node = seen.partner
    group by seen.network, seen.time_period, seen.node
),

centred as (
    select
        *,
        sum_xx - sum_x * sum_x / m as xx,
        sum_xy - sum_x * sum_y / m as xy,
        sum_yy - sum_y * sum_y / m as yy
    from own
),

fitted as (
    select
        *,
        xy / xx as slope,
        sqrt((yy - xy * xy / xx) / (m - 2)) as spread
    from centred
    -- What rounding leaves of nought is nought.
    where m > 2 and xx > 1e-9 * sum_xx and yy - xy * xy / xx > 1e-9 * sum_yy
)

select
    seen.network,
    seen.time_period,
    seen.node,
    seen.partner,
    (seen.interlock - sum_y / m - slope * (partner.gnc - sum_x / m))
    / nullif(spread * sqrt(greatest(
        1 - 1 / m - (partner.gnc - sum_x / m) * (partner.gnc - sum_x / m) / xx, 0
    )), 0) as residual
from seen
inner join fitted using (network, time_period, node)
inner join {{ ref('int_network__interlock') }} as partner
    on
        partner.network = seen.network and partner.time_period = seen.time_period
        and partner.node = seen.partner
