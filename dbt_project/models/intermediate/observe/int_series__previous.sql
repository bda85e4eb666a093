-- One row per series of the previous release: what has become of its cells.
with previous as (
    select before.*
    from {{ source('raw', 'previous_figure') }} as before
    inner join {{ source('raw', 'source') }} using (source_id)
    inner join {{ source('raw', 'indicator') }} using (indicator)
    -- Where a key has several cells (airports, projects), their number may change, not one value.
    qualify count(*) over (
        partition by
            before.source_id, before.indicator, before.spatial_unit, before.time_period,
            before.city_id
    ) = 1
)

select
    previous.source_id,
    previous.indicator,
    previous.spatial_unit,
    count(*) as previous_cells,
    avg((now.city_id is null)::int) as lost_share,
    median(now.obs_value / nullif(previous.obs_value, 0)) as median_ratio,
    avg(if(
        now.city_id is null, null,
        (abs(now.obs_value - previous.obs_value) > 0.2 * abs(previous.obs_value))::int
    )) as revised_share
from previous
left join {{ ref('int_series__now') }} as now
    using (source_id, indicator, spatial_unit, time_period, city_id)
group by all
