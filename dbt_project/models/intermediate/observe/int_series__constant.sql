-- One row per series: how far all cities of a period have the same value. Nothing and everything
-- (0, 100 %) may be common. Of equally frequent values the smallest counts.
with observation as (
    select
        observation.source_id,
        observation.indicator,
        observation.spatial_unit,
        observation.time_period,
        observation.city_id,
        observation.obs_value,
        indicator.valid_max
    -- Before single values were rejected: what says the same of all cities is judged as a whole.
    from {{ ref('int_cell__distinct') }} as observation
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where indicator.aggregation != 'count'
),

repeated_value as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        obs_value,
        any_value(valid_max) as valid_max,
        count(*) as cells
    from observation
    group by all
),

period as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        sum(cells) as all_cells,
        max(cells) as most_cells,
        min_by(obs_value, (-cells, obs_value)) as modal,
        any_value(valid_max) as valid_max
    from repeated_value
    group by all
    having sum(cells) >= 10
)

select
    source_id,
    indicator,
    spatial_unit,
    sum(if(modal = 0 or modal = valid_max, 0, most_cells)) / sum(all_cells) as constant_share
from period
group by all
