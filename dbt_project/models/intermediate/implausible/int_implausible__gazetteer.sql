-- One row per cell (cell_id) that the gazetteer contradicts: a metropolis' population under the
-- name of a small town, or a village's under that of a metropolis. A homonym or a slip, not growth.
-- A long and steady official series is better evidence than the gazetteer, which may have a
-- hamlet's figure for a municipality, unless another source agrees with the gazetteer.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.city_id,
        cell.spatial_unit,
        cell.obs_value / city.gazetteer_population as ratio
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        cell.gazetteer_comparable
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
),

outside as (
    select * from cell
    where
        case
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
        city_id in (select outside.city_id from outside) and spatial_unit = 'city_proper'
        and ratio between 1 / {{ var('gazetteer_agreement') }} and {{ var('gazetteer_agreement') }}
)

select
    outside.cell_id,
    'contradicts_gazetteer' as reason
from outside
left join {{ ref('int_city__evidence') }} as evidence
    using (source_id, indicator, spatial_unit, city_id)
left join corroborated on corroborated.city_id = outside.city_id
where evidence.city_id is null or corroborated.city_id is not null
