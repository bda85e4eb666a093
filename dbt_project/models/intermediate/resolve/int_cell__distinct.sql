-- One row per cell (cell_id) that nothing has kept from a fact so far. Every key has one cell.
{{ config(materialized='view') }}
select cell.* exclude (is_impossible)
from {{ ref('int_cell__candidate') }} as cell
anti join {{ ref('int_cell__repeated') }} as repeated on repeated.cell_id = cell.cell_id
where not cell.is_impossible
