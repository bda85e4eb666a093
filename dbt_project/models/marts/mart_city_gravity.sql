-- One row per network × tied pair of cities, in its last period: whether that is more than size and
-- distance explain. Pairs with a city whose inhabitants nobody knows are not in it.
with coefficient as (
    select
        network,
        any_value(coefficient) filter (where term = 'constant') as constant,
        any_value(coefficient) filter (where term = 'log_population_product') as of_size,
        any_value(coefficient) filter (where term = 'log_distance_km') as of_distance
    from {{ ref('int_network__gravity') }}
    group by all
),

pair as (
    select
        tie.*,
        one.population as one_population,
        other.population as other_population,
        pow(sin(radians(one.latitude - other.latitude) / 2), 2)
        + cos(radians(one.latitude)) * cos(radians(other.latitude))
        * pow(sin(radians(one.longitude - other.longitude) / 2), 2) as half
    from {{ ref('int_network__city_tie') }} as tie
    inner join {{ ref('int_network__city') }} as one
        on one.network = tie.network and one.city_id = tie.one
    inner join {{ ref('int_network__city') }} as other
        on other.network = tie.network and other.city_id = tie.other
    where one.population > 0 and other.population > 0
),

apart as (
    select
        *,
        greatest(2 * 6371.0088 * asin(sqrt(least(half, 1.0))), 1.0) as distance_km
    from pair
),

explained as (
    select
        apart.*,
        exp(
            coefficient.constant
            + coefficient.of_size * (ln(one_population) + ln(other_population))
            + coefficient.of_distance * ln(distance_km)
        ) as expected
    from apart
    inner join coefficient using (network)
)

select
    network,
    time_period,
    try_cast(time_period as integer) as year,
    one as origin_city_id,
    other as destination_city_id,
    weight,
    one_population::bigint as origin_population,
    other_population::bigint as destination_population,
    distance_km,
    expected,
    sign(weight - expected)
    * sqrt(greatest(2 * (weight * ln(weight / expected) - (weight - expected)), 0)) as residual
from explained
order by network, origin_city_id, destination_city_id
