-- One row per cell (cell_id) that the gazetteer contradicts: a metropolis' population under the
-- name of a small town, or a village's under that of a metropolis. A homonym or a slip, not growth.
with cell as (
    select
        cell.cell_id,
        cell.spatial_unit,
        cell.obs_value / city.gazetteer_population as ratio
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        cell.gazetteer_comparable
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
)

select
    cell_id,
    'contradicts_gazetteer' as reason
from cell
where
    case
        when spatial_unit = 'city_proper'
            then
                ratio
                not between {{ var('gazetteer_min_ratio') }} and {{ var('gazetteer_max_ratio') }}
        -- Wider boundaries hold more, but not that much more.
        when spatial_unit in ('urban_agglomeration', 'greater_city')
            then ratio > {{ var('gazetteer_max_ratio') }} * {{ var('wider_boundary_ratio') }}
    end
