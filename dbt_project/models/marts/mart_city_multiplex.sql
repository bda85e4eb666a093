-- One row per pair of cities that are tied in at least one network, in its last period.
select
    tie.one as origin_city_id,
    tie.other as destination_city_id,
    any_value(one.name) as origin_city,
    any_value(other.name) as destination_city,
    count(*)::integer as n_networks,
    string_agg(tie.network, ', ' order by tie.network) as networks
from {{ ref('int_network__city_tie') }} as tie
inner join {{ ref('dim_city') }} as one on one.city_id = tie.one
inner join {{ ref('dim_city') }} as other on other.city_id = tie.other
group by tie.one, tie.other
order by n_networks desc, origin_city_id, destination_city_id
