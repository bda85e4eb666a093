-- One row per declared network.
select
    network,
    name,
    theme,
    kind,
    directed,
    definition,
    weight,
    aggregation
from {{ source('raw', 'network') }}
