-- One row per link or affiliation × source cell that states it.
select
    content_id,
    row_number::bigint as row_number,
    column_name,
    edge_key
from {{ ref('int_edge__cell') }}
where disposition is null
order by edge_key
