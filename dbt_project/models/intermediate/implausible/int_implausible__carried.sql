-- One row per cell (cell_id) that only repeats the figure of another year.
select
    cell_id,
    'carried_figure' as reason
from {{ ref('int_cell__carried') }}
where is_none
