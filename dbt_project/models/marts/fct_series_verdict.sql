-- One row per series (source × indicator × spatial unit): what gate 1 said, and why.
select
    source_id,
    indicator,
    spatial_unit,
    verdict,
    reason,
    cells::bigint as cells,
    cities::bigint as cities
from {{ source('raw', 'series_verdict') }}
