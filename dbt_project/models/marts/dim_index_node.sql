-- One row per node of an index: the index itself, its parts, and its leaves.
select
    index,
    node,
    parent,
    kind,
    level,
    name,
    indicator,
    per,
    direction,
    scale,
    worst,
    best
from {{ source('raw', 'index_node') }}
order by index, level, node
