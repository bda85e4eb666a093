-- One row per kind of statement about a city, with what makes it.
select
    statement,
    name,
    theme,
    definition,
    said_by,
    code,
    source_id
from {{ source('raw', 'statement') }}
