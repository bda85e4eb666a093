-- One row per series (source × indicator × spatial unit): what gate 1 judges it by.
-- A series of the previous release that is gone has a row too: cells = 0.
with counted as (
    select
        source_id,
        indicator,
        spatial_unit,
        -- A single one is a slip, rejected by itself; it says nothing about a short series.
        nullif(sum(cells) filter (where reason = 'impossible_value'), 1) / sum(cells)
            as impossible_part,
        sum(cells) filter (where outcome = 'resolved') / sum(cells) as resolved_part
    from {{ ref('int_series__cell_count') }}
    where
        role = 'observations' and indicator is not null and spatial_unit is not null
        and coalesce(disposition, '') != 'filtered'
    group by all
),

implausible as (
    select
        distinct_cell.source_id,
        distinct_cell.indicator,
        distinct_cell.spatial_unit,
        -- What is wrong with a country or a year says nothing about the rest of the series.
        count(implausible.cell_id) filter (
            implausible.reason not in ({{ "'" ~ var('block_reasons') | join("', '") ~ "'" }})
        ) / count(*) as implausible_share
    from {{ ref('int_cell__distinct') }} as distinct_cell
    left join {{ ref('int_cell__implausible') }} as implausible using (cell_id)
    group by all
    having count(*) >= {{ var('share_min_cells') }}
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
    from {{ ref('int_observation') }}
    group by all
),

-- Populations against the undated ones of the gazetteer: orders of magnitude only.
by_city as (
    select
        observation.source_id,
        observation.indicator,
        observation.spatial_unit,
        observation.city_id,
        bool_or(indicator.gazetteer_comparable) as is_comparable,
        median(observation.obs_value / city.gazetteer_population) as ratio
    from {{ ref('int_observation') }} as observation
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    inner join {{ ref('int_city') }} as city using (city_id)
    where
        (indicator.gazetteer_comparable or indicator.population_hint)
        and city.gazetteer_population > 0
    group by all
),

middle as (
    select
        *,
        median(ratio) over (partition by source_id, indicator, spatial_unit) as middle
    from by_city
),

gazetteer as (
    select
        source_id,
        indicator,
        spatial_unit,
        if(bool_or(is_comparable), any_value(middle), null) as gazetteer_ratio,
        -- How many cities are far from what the others have: labels that have changed places.
        if(
            count(*) >= {{ var('mislabel_min_cities') }},
            avg((
                ratio not between middle / {{ var('mislabel_factor') }}
                and middle * {{ var('mislabel_factor') }}
            )::int), null
        ) as gazetteer_scatter
    from middle
    group by all
)

select
    coalesce(counted.source_id, previous.source_id) as source_id,
    coalesce(counted.indicator, previous.indicator) as indicator,
    coalesce(counted.spatial_unit, previous.spatial_unit) as spatial_unit,
    coalesce(size.cells, 0) as cells,
    coalesce(size.cities, 0) as cities,
    size.first_period,
    size.last_period,
    size.median_value,
    if(counted.source_id is null, null, coalesce(counted.impossible_part, 0)) as impossible_share,
    if(counted.source_id is null, null, coalesce(counted.resolved_part, 0)) as resolved_share,
    implausible.implausible_share,
    constant.constant_share,
    step.step_share,
    peer.peer_ratio,
    peer.peer_correlation,
    gazetteer.gazetteer_ratio,
    gazetteer.gazetteer_scatter,
    previous.previous_cells,
    previous.lost_share,
    previous.revised_share,
    previous.median_ratio,
    exchanged.exchanged_cities,
    exchanged.exchanged_pairs
from counted
full outer join {{ ref('int_series__previous') }} as previous
    using (source_id, indicator, spatial_unit)
left join size using (source_id, indicator, spatial_unit)
left join implausible using (source_id, indicator, spatial_unit)
left join {{ ref('int_series__constant') }} as constant using (source_id, indicator, spatial_unit)
left join {{ ref('int_series__step') }} as step using (source_id, indicator, spatial_unit)
left join {{ ref('int_series__peer') }} as peer using (source_id, indicator, spatial_unit)
left join gazetteer using (source_id, indicator, spatial_unit)
left join {{ ref('int_series__exchanged') }} as exchanged
    using (source_id, indicator, spatial_unit)
