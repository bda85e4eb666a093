-- One row per cell of a series that gate 1 did not withhold. `fact_period` is the year of a part.
{{ config(materialized='view') }}
select
    observation.*,
    regexp_replace(observation.time_period, '-(Q\d|M\d\d)$', '') as fact_period
from {{ ref('int_observation') }} as observation
inner join {{ source('raw', 'series_verdict') }} as verdict
    using (source_id, indicator, spatial_unit)
where verdict.verdict != 'withheld'
