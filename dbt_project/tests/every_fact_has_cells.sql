select fact.observation_key
from {{ ref('fct_observation') }} as fact
left join {{ ref('bridge_observation_cell') }} as bridge using (observation_key)
where bridge.observation_key is null
