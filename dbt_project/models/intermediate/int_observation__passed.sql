-- One row per cell of a series that gate 1 did not withhold.
{{ config(materialized='view') }}
select observation.*
from {{ ref('int_observation') }} as observation
inner join {{ source('raw', 'series_verdict') }} as verdict
    using (source_id, indicator, spatial_unit)
where verdict.verdict != 'withheld'
