-- One row per cell (cell_id) of people that leaves its neighbours in time, which agree with the
-- gazetteer, and that nothing else in its series repeats: a digit too few or too many, a decimal
-- point for a comma. In a short series (two censuses), or at the end of one, nothing else tells
-- which is the slip.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.city_id,
        cell.spatial_unit,
        try_cast(cell.time_period[:4] as integer) as year,
        cell.obs_value / city.gazetteer_population as ratio
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        cell.obs_value > 0
        -- Whatever means the same as what the gazetteer states.
        and cell.indicator in (
            select like_population.indicator
            from {{ source('raw', 'indicator') }} as like_population
            inner join {{ source('raw', 'indicator') }} as comparable
                on comparable.concept = like_population.concept
            where comparable.gazetteer_comparable
        )
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
),

series as (
    select
        cell.*,
        -- A long official series may have seen a city emptied, but not before it began.
        source.authority != 'official'
        or count(distinct cell.year) over same_series
        < {{ var('evidence_min_cells') }}
        or cell.year = min(cell.year) over same_series as may_be_slip
    from cell
    inner join {{ source('raw', 'source') }} as source using (source_id)
    where cell.year is not null
    window
        same_series as (
            partition by cell.source_id, cell.indicator, cell.spatial_unit, cell.city_id
        )
),

lone as (
    select cell.cell_id
    from series as cell
    inner join series as other using (source_id, indicator, spatial_unit, city_id)
    where
        cell.may_be_slip
        and cell.ratio not between
        1 / {{ var('gazetteer_agreement') }} and {{ var('gazetteer_agreement') }}
    group by cell.cell_id
    having
        count(distinct other.year) filter (
            where
            greatest(other.ratio / cell.ratio, cell.ratio / other.ratio)
            <= {{ var('lone_factor') }}
        ) = 1
        and count(*) filter (
            where
            abs(other.year - cell.year) <= {{ var('boundary_years') }}
            and other.ratio between 1 / {{ var('lone_factor') }} and {{ var('lone_factor') }}
            and greatest(other.ratio / cell.ratio, cell.ratio / other.ratio)
            >= {{ var('gazetteer_agreement') }}
        ) > 0
)

select
    cell_id,
    'implausible_step' as reason
from lone
