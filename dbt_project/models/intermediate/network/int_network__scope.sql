-- One row per network × time period × node × part of the world that its city is in: country,
-- continent, and declared regions. Each layer is measured at once: its parts share no node.
with city as (
    select
        node.network,
        node.time_period,
        node.node,
        city.country_iso2
    from {{ ref('int_network__node') }} as node
    inner join {{ ref('dim_city') }} as city on city.city_id = node.city_id
)

select
    city.network,
    city.time_period,
    city.node,
    'country' as scope_kind,
    city.country_iso2 as scope,
    'country' as layer
from city
union all
select
    city.network,
    city.time_period,
    city.node,
    region.scope_kind,
    region.scope,
    if(region.scope_kind = 'continent', region.scope_kind, region.scope) as layer
from city
inner join {{ source('raw', 'region') }} as region on region.country_iso2 = city.country_iso2
