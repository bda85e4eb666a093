-- One row per fact × source cell that made it.
select
    content_id,
    row_number::bigint as row_number,
    column_name,
    observation_key
from {{ ref('int_fact__cell') }}
