-- One row per figure (source, indicator, spatial unit, period, city) that this build has of series
-- of the previous release. By meaning, not by cell: the same source may spell its columns otherwise
-- where it is obtained from another place.
select
    candidate.source_id,
    candidate.indicator,
    candidate.spatial_unit,
    candidate.time_period,
    candidate.city_id,
    max_by(candidate.obs_value, coalesce(cell.edition_order, '')) as obs_value
from {{ ref('int_cell__candidate') }} as candidate
inner join {{ ref('stg_cell') }} as cell on cell.rowid = candidate.cell_id
semi join {{ source('raw', 'previous_figure') }} as previous
    on
        previous.source_id = candidate.source_id and previous.indicator = candidate.indicator
where candidate.city_id is not null
group by all
