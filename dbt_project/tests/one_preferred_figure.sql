-- Of one figure at most one fact is preferred, and of what several sources state one series is.
-- By hash first: only suspects are grouped in full.
with suspect as (
    select hash(city_id, indicator, time_period, spatial_unit) as figure_hash
    from {{ ref('fct_observation') }}
    where is_preferred
    group by figure_hash
    having count(*) > 1
),

unserved as (
    select hash(city_id, indicator, spatial_unit) as figure_hash
    from {{ ref('fct_observation') }}
    group by figure_hash
    having not bool_or(is_preferred)
)

select
    city_id,
    indicator,
    time_period,
    spatial_unit
from {{ ref('fct_observation') }}
where
    (
        is_preferred
        and hash(city_id, indicator, time_period, spatial_unit) in (
            select figure_hash from suspect
        )
    )
    or hash(city_id, indicator, spatial_unit) in (select figure_hash from unserved)
group by all
having count(*) filter (where is_preferred) != 1
