-- One row per code list entry (source_id, resource, code, other_code): a code may stand for a city
-- and for its airport, which `other_code` tells apart where the list gives a second identifier.
select
    source_id,
    resource,
    ref_area_code as code,
    ref_area as label,
    other_code_scheme,
    other_code,
    country,
    admin1,
    latitude,
    longitude
from {{ source('raw', 'cell') }}
where
    filter_reason is null
    and indicator is null
    and network is null
    and indicator_code is null
    and code_scheme is null
