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
),

-- By meaning, not by cell: the same source may spell its columns otherwise where it is obtained
-- from another place.
now as (
    select
        candidate.source_id,
        candidate.indicator,
        candidate.spatial_unit,
        candidate.time_period,
        candidate.city_id,
        max_by(candidate.obs_value, coalesce(cell.edition_order, '')) as obs_value
    from {{ ref('int_cell__candidate') }} as candidate
    inner join {{ ref('stg_cell') }} as cell on cell.rowid = candidate.cell_id
    where candidate.city_id is not null
    group by all
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
left join now using (source_id, indicator, spatial_unit, time_period, city_id)
group by all
