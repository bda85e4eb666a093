-- One row per cell that may become part of a fact (content_id, row_number, column_name).
-- Gate 1 judges the series that these cells make.
select cell.* exclude (value_form, point, max_step)
from {{ ref('int_cell__distinct') }} as cell
anti join {{ ref('int_cell__implausible') }} as implausible
    on implausible.cell_id = cell.cell_id
