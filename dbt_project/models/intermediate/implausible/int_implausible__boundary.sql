-- One row per cell (cell_id) of people in a city proper that are those of a wider area: many more
-- than in the gazetteer and in the city's agglomeration of another source; or just as many as in
-- the agglomeration, where the city proper has far fewer otherwise.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.time_period,
        cell.obs_value,
        try_cast(cell.time_period as integer) as year,
        city.gazetteer_population
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        (indicator.gazetteer_comparable or indicator.population_hint)
        and cell.freq = 'A'
        and cell.obs_value > 0
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
),

suspect as (
    select * from cell
    where
        spatial_unit = 'city_proper'
        and obs_value > {{ var('boundary_own_ratio') }} * gazetteer_population
),

-- The nearest year counts.
agglomeration as (
    select
        suspect.cell_id,
        arg_min(cell.obs_value, abs(cell.year - suspect.year)) as obs_value
    from suspect
    inner join cell
        on
            cell.city_id = suspect.city_id and cell.spatial_unit = 'urban_agglomeration'
            and cell.source_id != suspect.source_id
    where abs(cell.year - suspect.year) <= {{ var('boundary_years') }}
    group by suspect.cell_id
),

-- What is said of the same boundary at about that time.
elsewhere as (
    select
        suspect.cell_id,
        bool_or(
            cell.source_id != suspect.source_id
            and greatest(cell.obs_value, suspect.obs_value)
            <= {{ var('boundary_same') }} * least(cell.obs_value, suspect.obs_value)
        ) as agrees,
        bool_or(
            suspect.obs_value >= {{ var('boundary_own_ratio') }} * cell.obs_value
        ) as is_less
    from suspect
    inner join cell
        on cell.city_id = suspect.city_id and cell.spatial_unit = suspect.spatial_unit
    where abs(cell.year - suspect.year) <= {{ var('boundary_years') }}
    group by suspect.cell_id
),

changed as (
    select coalesce(content.source_id, previous.source_id) as source_id
    from {{ source('raw', 'content') }} as content
    full join {{ source('raw', 'previous_content') }} as previous
        on
            previous.content_id = content.content_id
            and previous.parse_version = content.parse_version
    where content.content_id is null or previous.content_id is null
),

-- Of a source that did not change, what readers have holds against another's new edition, as its
-- links do. A new version of the code judges anew.
held as (
    select figure.*
    from {{ source('raw', 'previous_figure') }} as figure
    inner join {{ source('raw', 'build') }} as build
        on build.code_version = build.previous_code_version
    anti join changed on changed.source_id = figure.source_id
)

select
    suspect.cell_id,
    'not_this_boundary' as reason
from suspect
inner join agglomeration on agglomeration.cell_id = suspect.cell_id
inner join elsewhere on elsewhere.cell_id = suspect.cell_id
anti join held
    on
        held.source_id = suspect.source_id and held.indicator = suspect.indicator
        and held.spatial_unit = suspect.spatial_unit and held.city_id = suspect.city_id
        and held.time_period = suspect.time_period and held.obs_value = suspect.obs_value
where
    not elsewhere.agrees
    and if(
        suspect.obs_value
        between agglomeration.obs_value / {{ var('boundary_same') }}
        and agglomeration.obs_value * {{ var('boundary_same') }},
        elsewhere.is_less,
        suspect.obs_value > {{ var('boundary_gazetteer_ratio') }} * suspect.gazetteer_population
        and suspect.obs_value
        > {{ var('boundary_agglomeration_ratio') }} * agglomeration.obs_value
    )
