-- One row per fact × cell that makes it: periods become years as the indicator declares.
with part as (
    select
        cell.cell_id,
        cell.source_id,
        cell.city_id,
        indicator.indicator,
        cell.spatial_unit,
        cell.fact_period as time_period,
        cell.time_period as cell_period,
        cell.obs_value,
        case
            when cell.obs_status != 'A' then cell.obs_status
            when doubtful.cell_id is not null then 'U'
            when interpolated.cell_id is not null then 'E'
            -- Nobody counts a part of a person: it was interpolated, or is a mean.
            when
                indicator.unit_measure = 'persons'
                and abs(cell.obs_value - round(cell.obs_value)) > 0.001
                then 'E'
            else 'A'
        end as obs_status,
        indicator.aggregation,
        indicator.min_periods
    from {{ ref('int_observation__passed') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator
        on coalesce(indicator.derived_from, indicator.indicator) = cell.indicator
    left join {{ ref('int_cell__doubtful') }} as doubtful on doubtful.cell_id = cell.cell_id
    left join {{ ref('int_cell__interpolated') }} as interpolated
        on interpolated.cell_id = cell.cell_id
    -- A part of a period is a fact only through an aggregation.
    where
        cell.city_id is not null
        and (indicator.aggregation != 'none' or cell.time_period = cell.fact_period)
),

complete as (
    select
        city_id,
        indicator,
        source_id,
        spatial_unit,
        time_period
    from part
    where min_periods > 1
    group by all
    having count(*) >= any_value(min_periods)
),

whole as (
    select * from part
    where min_periods = 1
    union all
    select part.*
    from part
    semi join complete using (city_id, indicator, source_id, spatial_unit, time_period)
    where min_periods > 1
)

select
    * exclude (min_periods),
    -- Dense, in the order of the grain, and of this release only.
    dense_rank() over (
        order by indicator, source_id, city_id, spatial_unit, time_period
    ) as observation_key
from whole
