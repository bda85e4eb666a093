-- One row per series (source × indicator × spatial unit): what gate 1 judges it by.
-- A series of the previous release that is gone has a row too: cells = 0.
with resolved as (
    select
        source_id,
        indicator,
        spatial_unit,
        count(*) as cells_said,
        avg((reason is not distinct from 'impossible_value')::int) as impossible_share,
        avg((outcome is not distinct from 'resolved')::int) as resolved_share
    from {{ ref('int_cell__resolved') }}
    where
        role = 'observations' and indicator is not null and spatial_unit is not null
        and coalesce(disposition, '') != 'filtered'
    group by all
),

implausible as (
    select
        living.source_id,
        living.indicator,
        living.spatial_unit,
        count(implausible.cell_id) / count(*) as implausible_share
    from {{ ref('int_cell__distinct') }} as living
    left join {{ ref('int_cell__implausible') }} as implausible using (cell_id)
    group by all
    having count(*) >= {{ var('share_min_cells') }}
),

observation as (
    select * from {{ ref('int_observation') }}
),

size as (
    select
        source_id,
        indicator,
        spatial_unit,
        count(*) as cells,
        count(distinct city_id) as cities,
        min(time_period) as first_period,
        max(time_period) as last_period,
        median(obs_value) as median_value
    from observation
    group by all
),

-- How far all cities of a period tell the same number. Nothing and everything (0, 100 %) may
-- be common.
period_mode as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        mode(obs_value) as modal,
        count(*) as cells,
        list(obs_value) as all_values
    from observation
    group by all
    having count(distinct city_id) >= 10
),

constancy as (
    select
        source_id,
        indicator,
        spatial_unit,
        sum(
            if(modal = 0 or modal = valid_max, 0, len(list_filter(all_values, lambda v: v = modal)))
        )
        / sum(cells)
            as constant_share
    from period_mode
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where indicator.aggregation != 'count'
    group by all
),

step as (
    select
        observation.source_id,
        observation.indicator,
        observation.spatial_unit,
        obs_value / lag(obs_value) over (
            partition by source_id, indicator, spatial_unit, city_id, freq order by time_period
        ) as ratio,
        indicator.max_step
    from observation
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where obs_value > 0 and indicator.max_step is not null
),

steps as (
    select
        source_id,
        indicator,
        spatial_unit,
        avg((greatest(ratio, 1 / ratio) >= max_step)::int) as step_share
    from step
    where ratio is not null
    group by all
    having count(*) >= {{ var('share_min_cells') }}
),

-- The same figure by better placed sources: a unit slip stands out against them.
peer as (
    select
        mine.source_id,
        mine.indicator,
        mine.spatial_unit,
        median(mine.obs_value / theirs.obs_value) as peer_ratio,
        count(*) as peer_cells
    from observation as mine
    inner join observation as theirs
        on
            theirs.city_id = mine.city_id and theirs.indicator = mine.indicator
            and theirs.time_period = mine.time_period and theirs.source_id != mine.source_id
    inner join {{ source('raw', 'source') }} as me on me.source_id = mine.source_id
    inner join {{ source('raw', 'source') }} as they
        on they.source_id = theirs.source_id and they.source_rank < me.source_rank
    where theirs.obs_value > 0
    group by all
    having count(*) >= 10
),

-- Populations against the undated ones of the gazetteer: orders of magnitude only.
gazetteer as (
    select
        observation.source_id,
        observation.indicator,
        observation.spatial_unit,
        median(observation.obs_value / city.gazetteer_population) as gazetteer_ratio
    from observation
    inner join {{ ref('int_city') }} as city using (city_id)
    where observation.indicator = 'population' and city.gazetteer_population > 0
    group by all
),

previous as (
    select before.*
    from {{ source('raw', 'previous_source_observation') }} as before
    inner join {{ source('raw', 'source') }} using (source_id)
    inner join {{ source('raw', 'indicator') }} using (indicator)
    where before.disposition = 'published' and before.city_id is not null
    -- Where a key has several cells (airports, projects), their number may change, not one value.
    qualify count(*) over (
        partition by
            before.source_id, before.indicator, before.spatial_unit, before.time_period,
            before.city_id
    ) = 1
),

-- By meaning, not by cell: another way of the same source may spell its columns otherwise.
now as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        city_id,
        max_by(obs_value, coalesce(edition_order, '')) as obs_value
    from {{ ref('int_cell__resolved') }}
    where (disposition is null or reason = 'impossible_value') and city_id is not null
    group by all
),

matched as (
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
)

select
    coalesce(resolved.source_id, matched.source_id) as source_id,
    coalesce(resolved.indicator, matched.indicator) as indicator,
    coalesce(resolved.spatial_unit, matched.spatial_unit) as spatial_unit,
    coalesce(size.cells, 0) as cells,
    coalesce(size.cities, 0) as cities,
    size.first_period,
    size.last_period,
    size.median_value,
    resolved.impossible_share,
    resolved.resolved_share,
    implausible.implausible_share,
    constancy.constant_share,
    steps.step_share,
    peer.peer_ratio,
    gazetteer.gazetteer_ratio,
    matched.previous_cells,
    matched.lost_share,
    matched.revised_share,
    matched.median_ratio
from resolved
full outer join matched using (source_id, indicator, spatial_unit)
left join size using (source_id, indicator, spatial_unit)
left join implausible using (source_id, indicator, spatial_unit)
left join constancy using (source_id, indicator, spatial_unit)
left join steps using (source_id, indicator, spatial_unit)
left join peer using (source_id, indicator, spatial_unit)
left join gazetteer using (source_id, indicator, spatial_unit)
