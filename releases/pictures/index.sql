-- One row per index that ranks anybody: its last year, the first ranks with their intervals, and
-- what each part of the index contributes to them.
with ranked as (
    select *
    from mart_index_rank
    where rank is not null
    qualify year = max(year) over (partition by index)
),

counted as (
    select
        index,
        year,
        count(*) as n_ranked
    from ranked
    group by all
),

part as (
    select
        node.index,
        node.node,
        node.name,
        any_value(score.weight) as weight,
        row_number() over (partition by node.index order by any_value(score.weight) desc, node.node)
            as nth
    from dim_index_node as node
    inner join counted on counted.index = node.index
    inner join fct_index_score as score
        on score.index = node.index and score.node = node.node and score.year = counted.year
    where node.level = 1
    group by node.index, node.node, node.name
),

parts as (
    select
        index,
        list({ name: name, weight: round(weight, 4) } order by nth) as parts
    from part
    group by index
),

shown as (
    select
        *,
        row_number() over (partition by index order by rank, city_id) as nth
    from ranked
    qualify nth <= 20
),

contributed as (
    select
        shown.index,
        shown.nth,
        list(round(score.contribution, 4) order by part.nth) as contributions
    from shown
    inner join part on part.index = shown.index
    inner join fct_index_score as score
        on
            score.index = shown.index and score.year = shown.year
            and score.city_id = shown.city_id and score.node = part.node
    group by all
),

city as (
    select
        shown.index,
        list({
            name: shown.city,
            country: shown.country_iso2,
            rank: shown.rank,
            rank_p05: shown.rank_p05,
            rank_median: shown.rank_median,
            rank_p95: shown.rank_p95,
            rank_group: shown.rank_group,
            score: round(shown.score, 4),
            contributions: coalesce(contributed.contributions, [])
        } order by shown.nth) as cities
    from shown
    left join contributed on contributed.index = shown.index and contributed.nth = shown.nth
    group by all
),

used as (
    select
        score.*,
        node.per
    from fct_index_score as score
    inner join counted on counted.index = score.index and counted.year = score.year
    inner join dim_index_node as node on node.index = score.index and node.node = score.node
    where score.value is not null
),

edge as (
    select
        network,
        source_id
    from fct_city_link
    union
    select
        network,
        source_id
    from fct_city_affiliation
),

source as (
    select
        index,
        source_id
    from used
    union
    -- Of the indicator that a value was divided by.
    select
        used.index,
        divisor.source_id
    from used
    inner join fct_observation as divisor
        on
            divisor.indicator = used.per and divisor.city_id = used.city_id
            and divisor.year = used.per_year and divisor.obs_value = used.per_value
    union
    -- Of a network whose measure the indicator is.
    select
        used.index,
        edge.source_id
    from used
    inner join edge on edge.network = split_part(used.indicator, '.', 1)
),

sources as (
    select
        source.index,
        list(distinct dim_source.attribution order by dim_source.attribution) as sources
    from source
    inner join dim_source on dim_source.source_id = source.source_id
    group by source.index
)

select
    dim_index.index as code,
    dim_index.name,
    dim_index.question,
    dim_index.reading,
    dim_index.draws,
    counted.year,
    counted.n_ranked,
    city.cities,
    coalesce(parts.parts, []) as parts,
    coalesce(sources.sources, []) as sources
from dim_index
inner join counted on counted.index = dim_index.index
inner join city on city.index = dim_index.index
left join parts on parts.index = dim_index.index
left join sources on sources.index = dim_index.index
order by dim_index.index
