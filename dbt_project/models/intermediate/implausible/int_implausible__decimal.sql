-- One row per cell (cell_id) whose value is ten, a thousand, … times the city's own for a run of
-- periods or at the end of its series; or has the wrong sign.
select
    cell_id,
    'decimal_slip' as reason
from {{ ref('int_city__decimal_run') }}
where is_slip
union all
select
    cell_id,
    'sign_slip' as reason
from {{ ref('int_cell__neighbour') }}
where
    obs_value < 0
    and least(value_before, value_after) > 0
    and -obs_value between
    least(value_before, value_after) / {{ var('decimal_calm') }}
    and greatest(value_before, value_after) * {{ var('decimal_calm') }}
