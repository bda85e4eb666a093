select
    content_id,
    row_number,
    column_name
from {{ ref('fct_source_observation') }}
where disposition is null or (disposition != 'published' and reason is null)
