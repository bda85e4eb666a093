-- One row per index × year × city that the index is about and that has a value. Who has too few has
-- no rank, and a reason. Intervals say how far a rank depends on choices: no sampling error.
with ranked as (
    select
        *,
        -- Of the year of the index before this one.
        lag(score) over earlier as score_before,
        lag(rank) over earlier as rank_before
    from {{ ref('int_index__rank') }}
    window earlier as (partition by index, city_id order by year)
)

select
    ranked.index,
    ranked.year,
    ranked.city_id,
    city.name as city,
    city.country_iso2,
    ranked.rankable,
    ranked.reason,
    ranked.coverage,
    ranked.score,
    ranked.rank,
    ranked.rank_median,
    ranked.rank_p05,
    ranked.rank_p95,
    ranked.rank_group,
    ranked.score_median,
    ranked.score_p05,
    ranked.score_p95,
    ranked.score - ranked.score_before as score_change,
    ranked.rank - ranked.rank_before as rank_change
from ranked
inner join {{ ref('dim_city') }} as city on city.city_id = ranked.city_id
order by ranked.index, ranked.year, ranked.rank nulls last, ranked.city_id
