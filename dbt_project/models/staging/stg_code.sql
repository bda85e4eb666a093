-- One row per code list entry (source_id, resource, code).
select
    cell.source_id,
    cell.resource,
    cell.ref_area_code as code,
    cell.ref_area as label
from {{ ref('stg_cell') }} as cell
where cell.indicator is null and cell.indicator_code is null and cell.code_scheme is null
