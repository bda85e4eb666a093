-- One row per cell (cell_id) that another cell, its series or its year keeps from readers. Each
-- cell has at most one of these.
{{ config(materialized='view') }}
with withheld as (
    select
        observation.cell_id,
        'filtered' as disposition,
        'withheld_series' as reason
    from {{ ref('int_observation') }} as observation
    inner join {{ source('raw', 'series_verdict') }} as verdict
        using (source_id, indicator, spatial_unit)
    where verdict.verdict = 'withheld'
),

incomplete as (
    select
        passed.cell_id,
        'filtered' as disposition,
        'incomplete_year' as reason
    from {{ ref('int_observation__passed') }} as passed
    anti join {{ ref('int_fact__cell') }} as fact on fact.cell_id = passed.cell_id
    where passed.city_id is not null or passed.time_period != passed.fact_period
)

from {{ ref('int_cell__repeated') }}
union all
from {{ ref('int_cell__implausible') }}
union all
select
    cell_id,
    disposition,
    reason
from {{ ref('int_edge__cell') }}
where disposition is not null
union all
from withheld
union all
from incomplete
