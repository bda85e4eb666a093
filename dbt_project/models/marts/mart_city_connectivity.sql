-- One row per network × time period × city: mart_node_connectivity where the city is known.
select
    connectivity.* exclude (node, label),
    city.name as city,
    city.country_iso2
from {{ ref('mart_node_connectivity') }} as connectivity
inner join {{ ref('dim_city') }} as city on city.city_id = connectivity.city_id
order by connectivity.network, connectivity.time_period, connectivity.rank, connectivity.city_id
