-- One row per declared network.
select
    network,
    name,
    theme,
    kind,
    -- An affiliation has two ends of two kinds.
    directed and kind = 'link' as directed,
    definition,
    weight,
    aggregation,
    comparable,
    if(kind = 'affiliation', floor, null) as floor,
    scope,
    reference_period,
    caveat
from {{ source('raw', 'network') }}
