-- One row per series: how often a city's value is max_step times its value before, or more.
with ratio as (
    select
        observation.source_id,
        observation.indicator,
        observation.spatial_unit,
        observation.obs_value / lag(observation.obs_value) over (
            partition by
                observation.source_id, observation.indicator, observation.spatial_unit,
                observation.city_id, observation.freq
            order by observation.time_period
        ) as ratio,
        indicator.max_step
    from {{ ref('int_observation') }} as observation
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where observation.obs_value > 0 and indicator.max_step is not null
)

select
    source_id,
    indicator,
    spatial_unit,
    avg((greatest(ratio, 1 / ratio) >= max_step)::int) as step_share
from ratio
where ratio is not null
group by all
having count(*) >= {{ var('share_min_cells') }}
