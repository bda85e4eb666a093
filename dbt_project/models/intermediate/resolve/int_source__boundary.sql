-- One row per source (source_id) × row of the code list `source_boundary`, where `source_id` may be
-- a pattern: tables that use one list of codes mean the same by it.
select declared.* replace (source.source_id as source_id)
from {{ source('raw', 'source_boundary') }} as declared
inner join {{ source('raw', 'source') }} as source
    on source.source_id glob declared.source_id
