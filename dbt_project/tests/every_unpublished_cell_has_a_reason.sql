select
    content_id,
    row_number,
    column_name
from {{ ref('fct_source_cell') }}
where disposition is null or (disposition != 'published' and reason is null)
