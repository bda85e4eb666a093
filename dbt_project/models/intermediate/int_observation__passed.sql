-- One row per cell of a series that gate 1 did not withhold.
select observation.*
from {{ ref('int_observation') }} as observation
inner join {{ source('raw', 'series_verdict') }} as verdict
    on
        verdict.source_id = observation.source_id
        and verdict.indicator = observation.indicator
        and verdict.spatial_unit = observation.spatial_unit
where verdict.verdict != 'withheld'
