-- One row per cell (cell_id) that may become part of a fact. Gate 1 judges the series that these
-- cells make.
{{ config(materialized='view') }}
select cell.*
from {{ ref('int_cell__distinct') }} as cell
anti join {{ ref('int_cell__implausible') }} as implausible
    on implausible.cell_id = cell.cell_id
