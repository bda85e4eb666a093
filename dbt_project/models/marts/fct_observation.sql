-- One row per city × indicator × source × spatial unit × time period. All sources are kept.
select
    fact.city_id,
    fact.indicator,
    fact.source_id,
    fact.spatial_unit,
    fact.time_period,
    fact.year,
    fact.obs_value::double as obs_value,
    indicator.unit_measure,
    fact.obs_status,
    fact.n_periods,
    coalesce(preferred.is_preferred, true) as is_preferred,
    coalesce(preferred.preferred_reason, 'only source') as preferred_reason,
    broken.break_before,
    -- Dense, in the order of the grain: the facts of a series follow each other.
    dense_rank() over (
        order by fact.indicator, fact.source_id, fact.city_id, fact.spatial_unit
    ) as series_id,
    fact.observation_key
from {{ ref('int_fact') }} as fact
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = fact.indicator
left join {{ ref('int_fact__preferred') }} as preferred using (observation_key)
left join {{ ref('int_fact__break') }} as broken using (observation_key)
order by fact.observation_key
