-- One row per fact × cell that may make it: periods become years as the indicator declares.
with part as (
    select
        cell.*,
        indicator.indicator as fact_indicator,
        indicator.aggregation,
        indicator.min_periods
    from {{ ref('int_observation__passed') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator
        on coalesce(indicator.derived_from, indicator.indicator) = cell.indicator
    -- A part of a period is a fact only through an aggregation.
    where indicator.aggregation != 'none' or cell.time_period = cell.fact_period
),

keyed as (
    select
        * exclude (indicator, time_period, fact_indicator, fact_period, aggregation),
        time_period as cell_period,
        fact_indicator as indicator,
        fact_period as time_period,
        aggregation
    from part
)

select
    {{ observation_key('keyed') }} as observation_key,
    keyed.*
from keyed
qualify count(*) over (
    partition by city_id, indicator, source_id, spatial_unit, time_period
) >= min_periods
