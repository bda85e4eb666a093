-- One row per network: its latest period, how its degrees are distributed, where its cities lie,
-- and the ties that are shown. One document, of parts that nothing else reads: therefore in one
-- file, though a long one.
with latest as (
    select
        network,
        time_period,
        n_nodes,
        n_ties
    from mart_network
    qualify row_number() over (
        partition by network order by year desc nulls last, time_period desc
    ) = 1
),

node as (
    select
        measure.network,
        measure.city_id,
        measure.degree,
        measure.rank,
        city.name,
        city.longitude,
        city.latitude
    from mart_node_connectivity as measure
    inner join latest
        on latest.network = measure.network and latest.time_period = measure.time_period
    left join dim_city as city on city.city_id = measure.city_id
),

-- How many of the nodes have so many partners or more.
degree as (
    select
        network,
        degree,
        sum(count(*)) over (partition by network order by degree desc) as n_nodes
    from node
    group by network, degree
),

distribution as (
    select
        degree.network,
        list(degree.degree order by degree.degree) as degrees,
        list(round(degree.n_nodes / latest.n_nodes, 6) order by degree.degree) as shares
    from degree
    inner join latest on latest.network = degree.network
    where degree.degree > 0
    group by all
),

extent as (
    select
        network,
        greatest(max(longitude) - min(longitude), max(latitude) - min(latitude), 0.1) / 320 as grain
    from node
    group by network
),

-- What would lie on one spot of the picture is one dot, as large as the largest.
spot as (
    select
        node.network,
        round(node.longitude / extent.grain) * extent.grain as longitude,
        round(node.latitude / extent.grain) * extent.grain as latitude,
        max(node.degree) as degree
    from node
    inner join extent on extent.network = node.network
    where node.longitude is not null
    group by all
),

dots as (
    select
        network,
        list(round(longitude, 3) order by degree, longitude, latitude) as longitudes,
        list(round(latitude, 3) order by degree, longitude, latitude) as latitudes,
        list(degree order by degree, longitude, latitude) as degrees
    from spot
    group by network
),

place as (
    select
        network,
        count(*) as n_placed,
        list({ name: name, longitude: longitude, latitude: latitude } order by rank, city_id)[:40]
            as names
    from node
    where longitude is not null
    group by network
),

pair as (
    select
        link.network,
        least(link.origin_city_id, link.destination_city_id) as one,
        greatest(link.origin_city_id, link.destination_city_id) as other,
        sum(link.weight) as weight,
        false as is_backbone
    from fct_city_link as link
    inner join latest on latest.network = link.network and latest.time_period = link.time_period
    where link.origin_city_id != link.destination_city_id
    group by all
    union all
    select
        tie.network,
        tie.origin_city_id as one,
        tie.destination_city_id as other,
        tie.interlock as weight,
        -- Null where a network has too many pairs to be tested.
        coalesce(tie.is_backbone, false) as is_backbone
    from mart_city_interlock as tie
    inner join latest on latest.network = tie.network and latest.time_period = tie.time_period
    where tie.origin_city_id is not null and tie.destination_city_id is not null
),

-- The backbone where there is any; else the heaviest, of equal ones those of the most partners.
tie as (
    select
        pair.network,
        pair.is_backbone,
        one.longitude,
        one.latitude,
        other.longitude as to_longitude,
        other.latitude as to_latitude,
        row_number() over (
            partition by pair.network
            order by
                pair.is_backbone desc, pair.weight desc, one.degree + other.degree desc,
                pair.one, pair.other
        ) as nth
    from pair
    inner join node as one on one.network = pair.network and one.city_id = pair.one
    inner join node as other on other.network = pair.network and other.city_id = pair.other
    qualify
        nth <= 300
        and (is_backbone or not bool_or(is_backbone) over (partition by pair.network))
),

ties as (
    select
        network,
        bool_or(is_backbone) as are_backbone,
        list([longitude, latitude, to_longitude, to_latitude] order by nth desc) as ends
    from tie
    group by network
),

sources as (
    select
        edge.network,
        list(distinct dim_source.attribution order by dim_source.attribution) as sources
    from (
        select
            network,
            time_period,
            source_id
        from fct_city_link
        union
        select
            network,
            time_period,
            source_id
        from fct_city_affiliation
    ) as edge
    inner join latest on latest.network = edge.network and latest.time_period = edge.time_period
    inner join dim_source on dim_source.source_id = edge.source_id
    group by edge.network
)

select
    latest.network as code,
    dim_network.name,
    dim_network.caveat,
    latest.time_period,
    latest.n_nodes,
    latest.n_ties,
    coalesce(place.n_placed, 0) as n_placed,
    coalesce(place.names, []) as names,
    coalesce(distribution.degrees, []) as degrees,
    coalesce(distribution.shares, []) as shares,
    coalesce(dots.longitudes, []) as dot_longitudes,
    coalesce(dots.latitudes, []) as dot_latitudes,
    coalesce(dots.degrees, []) as dot_degrees,
    coalesce(ties.are_backbone, false) as are_backbone,
    coalesce(ties.ends, []) as ties,
    coalesce(sources.sources, []) as sources
from latest
inner join dim_network on dim_network.network = latest.network
left join distribution on distribution.network = latest.network
left join dots on dots.network = latest.network
left join place on place.network = latest.network
left join ties on ties.network = latest.network
left join sources on sources.network = latest.network
order by latest.network
