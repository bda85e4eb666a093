select
    city_id,
    indicator,
    time_period,
    spatial_unit
from {{ ref('fct_observation') }}
group by all
having count(*) filter (where is_preferred) != 1
