-- One row per cell (cell_id) that the gazetteer contradicts: a metropolis' population under the
-- name of a small town, or a village's under that of a metropolis. A homonym or a slip, not growth.
-- A long and steady official series is better evidence than the gazetteer, which may have a
-- hamlet's figure for a municipality, unless another source agrees with the gazetteer.
-- And a lone figure that leaves its neighbours in time, where those agree with the gazetteer: in a
-- short series (two censuses) nothing else tells which of the two is the slip.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.city_id,
        cell.spatial_unit,
        cell.gazetteer_comparable,
        try_cast(cell.time_period[:4] as integer) as year,
        cell.obs_value / city.gazetteer_population as ratio
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        cell.obs_value > 0
        and cell.indicator in (
            select like_population.indicator
            from {{ source('raw', 'indicator') }} as like_population
            inner join {{ source('raw', 'indicator') }} as comparable
                on comparable.concept = like_population.concept
            where comparable.gazetteer_comparable
        )
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
),

outside as (
    select * from cell
    where
        gazetteer_comparable
        and case
            when spatial_unit = 'city_proper'
                then
                    ratio not between {{ var('gazetteer_min_ratio') }}
                    and {{ var('gazetteer_max_ratio') }}
            -- Wider boundaries hold more, but not that much more.
            when spatial_unit in ('urban_agglomeration', 'greater_city')
                then ratio > {{ var('gazetteer_max_ratio') }} * {{ var('wider_boundary_ratio') }}
        end
),

corroborated as (
    select distinct city_id
    from cell
    where
        gazetteer_comparable
        and city_id in (select outside.city_id from outside) and spatial_unit = 'city_proper'
        and ratio between 1 / {{ var('gazetteer_agreement') }} and {{ var('gazetteer_agreement') }}
),

short_series as (
    select cell.*
    from cell
    inner join {{ source('raw', 'source') }} as source using (source_id)
    where
        cell.year is not null
        and cell.spatial_unit in ('city_proper', 'urban_agglomeration', 'greater_city')
    -- A long official series may have seen a city emptied, and is judged as a whole.
    qualify
        source.authority != 'official'
        or count(*) over (
            partition by cell.source_id, cell.indicator, cell.spatial_unit, cell.city_id
        ) < {{ var('evidence_min_cells') }}
),

lone as (
    select cell.cell_id
    from short_series as cell
    inner join short_series as other using (source_id, indicator, spatial_unit, city_id)
    where
        cell.ratio not between
        1 / {{ var('gazetteer_agreement') }} and {{ var('gazetteer_agreement') }}
    group by cell.cell_id
    having
        count(*) filter (where other.ratio / cell.ratio between 0.5 and 2) = 1
        and count(*) filter (
            where
            abs(other.year - cell.year) <= {{ var('boundary_years') }}
            and other.ratio between 0.5 and 2
            and greatest(other.ratio / cell.ratio, cell.ratio / other.ratio)
            >= {{ var('gazetteer_agreement') }}
        ) > 0
)

select
    outside.cell_id,
    'contradicts_gazetteer' as reason
from outside
left join {{ ref('int_city__evidence') }} as evidence
    using (source_id, indicator, spatial_unit, city_id)
left join corroborated on corroborated.city_id = outside.city_id
where evidence.city_id is null or corroborated.city_id is not null
union
select
    cell_id,
    'contradicts_gazetteer' as reason
from lone
