select fact.observation_key
from {{ ref('fct_observation') }} as fact
anti join {{ ref('bridge_observation_cell') }} as bridge
    on bridge.observation_key = fact.observation_key
