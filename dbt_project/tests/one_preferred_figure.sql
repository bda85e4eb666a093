-- By hash first: only suspects are grouped in full.
with suspect as (
    select hash(city_id, indicator, time_period, spatial_unit) as figure_hash
    from {{ ref('fct_observation') }}
    group by figure_hash
    having count(*) filter (where is_preferred) != 1
)

select
    city_id,
    indicator,
    time_period,
    spatial_unit
from {{ ref('fct_observation') }}
where hash(city_id, indicator, time_period, spatial_unit) in (select figure_hash from suspect)
group by all
having count(*) filter (where is_preferred) != 1
