-- One row per theme: what the release holds on it.
with series as (
    select
        indicator,
        source_id,
        city_id,
        count(*) as observations,
        min(year) as first_year,
        max(year) as last_year
    from {{ ref('fct_observation') }}
    group by all
),

figure as (
    select
        indicator.theme,
        count(distinct series.source_id) as sources,
        count(distinct series.indicator) as indicators,
        count(distinct series.city_id) as cities,
        sum(series.observations) as observations,
        min(series.first_year) as first_year,
        max(series.last_year) as last_year
    from series
    inner join {{ ref('dim_indicator') }} as indicator on indicator.indicator = series.indicator
    group by indicator.theme
),

network_source as (
    select
        network,
        source_id
    from {{ ref('fct_city_link') }}
    union all
    select
        network,
        source_id
    from {{ ref('fct_city_affiliation') }}
),

edge as (
    select
        network.theme,
        count(distinct network_source.source_id) as sources,
        count(*) as edges
    from network_source
    inner join {{ ref('dim_network') }} as network on network.network = network_source.network
    group by network.theme
)

select
    coalesce(figure.theme, edge.theme) as theme,
    (coalesce(figure.sources, 0) + coalesce(edge.sources, 0))::integer as sources,
    coalesce(figure.indicators, 0)::integer as indicators,
    coalesce(figure.cities, 0)::integer as cities,
    coalesce(figure.observations, 0)::bigint as observations,
    coalesce(edge.edges, 0)::bigint as edges,
    figure.first_year::integer as first_year,
    figure.last_year::integer as last_year
from figure
full outer join edge using (theme)
