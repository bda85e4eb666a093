-- One row per figure that is not preferred, where its city × indicator × spatial unit × time period
-- has a preferred one: how far it is from that.
select
    other.city_id,
    other.indicator,
    other.spatial_unit,
    other.time_period,
    other.year,
    preferred.source_id as preferred_source_id,
    preferred.obs_value as preferred_value,
    other.source_id,
    other.obs_value,
    other.unit_measure,
    other.obs_value - preferred.obs_value as difference,
    other.obs_value / nullif(preferred.obs_value, 0) as ratio,
    preferred.preferred_reason,
    other.observation_key
from {{ ref('fct_observation') }} as other
inner join {{ ref('fct_observation') }} as preferred
    on
        preferred.city_id = other.city_id
        and preferred.indicator = other.indicator
        and preferred.spatial_unit = other.spatial_unit
        and preferred.time_period = other.time_period
        and preferred.is_preferred
where not other.is_preferred
