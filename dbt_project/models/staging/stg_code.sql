-- One row per code list entry (source_id, resource, code, other_code): a code may stand for a city
-- and for its airport, which `other_code` tells apart where the list gives a second identifier.
select
    cell.source_id,
    cell.resource,
    cell.ref_area_code as code,
    cell.ref_area as label,
    cell.other_code_scheme,
    cell.other_code,
    cell.country,
    cell.admin1,
    cell.latitude,
    cell.longitude
from {{ ref('stg_cell') }} as cell
where
    cell.filter_reason is null
    and cell.indicator is null
    and cell.network is null
    and cell.indicator_code is null
    and cell.code_scheme is null
