-- One row per declared network.
select
    network,
    name,
    theme,
    kind,
    directed,
    definition,
    weight,
    aggregation,
    scope,
    reference_period,
    caveat
from {{ source('raw', 'network') }}
