-- One row per network × time period × node that has gained or lost a tie since the edition before.
with tie as (
    select distinct
        network,
        time_period,
        least(origin, destination) as one,
        greatest(origin, destination) as other
    from {{ ref('int_network__tie') }}
    where origin != destination
),

-- Of both editions together, under the later one: how often, and whether in the later one.
both_editions as (
    select
        edition.network,
        edition.time_period,
        tie.one,
        tie.other,
        bool_or(tie.time_period = edition.time_period) as is_now,
        count(*) as n_editions
    from {{ ref('int_network__edition') }} as edition
    inner join tie
        on
            tie.network = edition.network
            and tie.time_period in (edition.time_period, edition.previous_period)
    group by all
),

changed as (
    select
        network,
        time_period,
        unnest([one, other]) as node,
        is_now
    from both_editions
    where n_editions = 1
)

select
    network,
    time_period,
    node,
    count(*) filter (where is_now) as ties_gained,
    count(*) filter (where not is_now) as ties_lost
from changed
group by all
