-- One row per fact (observation_key): city × indicator × source × spatial unit × time period.
-- `period_kind` is `year`, or the period itself where it is none (undated, 1981/2010): facts of
-- one kind follow each other in time.
with aggregated as (
    select
        observation_key,
        any_value(city_id) as city_id,
        any_value(indicator) as indicator,
        any_value(source_id) as source_id,
        any_value(spatial_unit) as spatial_unit,
        any_value(time_period) as time_period,
        case any_value(aggregation)
            -- In order, and compensated: the same cells give the same last bit on every machine.
            when 'mean' then favg(obs_value order by cell_period, obs_value)
            when 'median' then median(obs_value)
            when 'sum' then fsum(obs_value order by cell_period, obs_value)
            when 'min' then min(obs_value)
            when 'max' then max(obs_value)
            when 'last' then max_by(obs_value, cell_period)
            when 'count' then count(*)
        end as obs_value,
        max_by(part.obs_status, status.severity::integer) as obs_status,
        if(any_value(aggregation) = 'count', 1, count(*)) as n_periods
    from {{ ref('int_fact__cell') }} as part
    inner join {{ source('raw', 'observation_status') }} as status using (obs_status)
    where aggregation != 'none'
    group by observation_key
),

-- Most facts are one cell: those need no grouping.
fact as (
    select
        observation_key,
        city_id,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        obs_value,
        obs_status,
        1 as n_periods
    from {{ ref('int_fact__cell') }}
    where aggregation = 'none'
    union all
    from aggregated
)

select
    * replace (city_id::bigint as city_id, n_periods::integer as n_periods),
    try_cast(time_period as integer) as year,
    if(try_cast(time_period as integer) is null, time_period, 'year') as period_kind
from fact
