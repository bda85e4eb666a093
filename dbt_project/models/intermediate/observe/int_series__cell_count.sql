-- One row per source × role × indicator × spatial unit × outcome × early disposition and reason ×
-- whether there is a value: cells. Counted once for the series profile and the linkage of sources.
select
    source_id,
    role,
    indicator,
    spatial_unit,
    outcome,
    disposition,
    reason,
    filter_reason is null and not is_missing as has_value,
    count(*) as cells
from {{ ref('int_cell__resolved') }}
group by all
