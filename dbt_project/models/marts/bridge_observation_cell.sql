-- One row per fact × source cell that made it.
select
    cell.content_id,
    cell.row_number::bigint as row_number,
    cell.column_name,
    part.observation_key
from {{ ref('int_fact__cell') }} as part
inner join {{ ref('stg_cell') }} as cell on cell.rowid = part.cell_id
order by part.observation_key
