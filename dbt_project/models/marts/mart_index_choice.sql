-- One row per index × year × choice that might have been another: how much of the mean shift of
-- ranks it explains, alone and with others (Sobol), each with a bootstrap interval.
select
    index,
    year,
    choice,
    coalesce(node, index) as node,
    first_share,
    first_low,
    first_high,
    first_holds_zero,
    total_share,
    total_low,
    total_high,
    total_holds_zero
from {{ ref('int_index__sensitivity') }}
order by index, year, choice, node
