-- One row per cell (cell_id) that a compiler interpolated. A publisher's own interpolation is
-- published as an estimate (int_fact__cell).
select
    interpolated.cell_id,
    'interpolated' as reason
from {{ ref('int_cell__interpolated') }} as interpolated
inner join {{ ref('int_cell__comparable') }} as cell on cell.cell_id = interpolated.cell_id
inner join {{ source('raw', 'source') }} as source on source.source_id = cell.source_id
where source.authority = 'secondary'
