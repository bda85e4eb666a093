-- One row per theme: what the release holds on it.
with figure as (
    select
        indicator.theme,
        count(distinct fact.source_id) as sources,
        count(distinct source.publisher) as publishers,
        count(distinct fact.indicator) as indicators,
        count(distinct fact.city_id) as cities,
        count(*) as observations,
        min(fact.year) as first_year,
        max(fact.year) as last_year
    from {{ ref('fct_observation') }} as fact
    inner join {{ ref('dim_indicator') }} as indicator on indicator.indicator = fact.indicator
    inner join {{ ref('dim_source') }} as source on source.source_id = fact.source_id
    group by indicator.theme
),

stated as (
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

tie as (
    select
        network.theme,
        count(distinct stated.source_id) as sources,
        count(distinct source.publisher) as publishers,
        count(*) as ties
    from stated
    inner join {{ ref('dim_network') }} as network on network.network = stated.network
    inner join {{ ref('dim_source') }} as source on source.source_id = stated.source_id
    group by network.theme
)

select
    coalesce(figure.theme, tie.theme) as theme,
    (coalesce(figure.sources, 0) + coalesce(tie.sources, 0))::integer as sources,
    coalesce(figure.indicators, 0)::integer as indicators,
    coalesce(figure.cities, 0)::integer as cities,
    coalesce(figure.observations, 0)::bigint as observations,
    coalesce(tie.ties, 0)::bigint as ties,
    figure.first_year::integer as first_year,
    figure.last_year::integer as last_year
from figure
full outer join tie using (theme)
