-- One row per fact × source cell that made it.
select
    observation_key,
    content_id,
    row_number::bigint as row_number,
    column_name
from {{ ref('int_fact__cell') }}
