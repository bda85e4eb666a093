-- One row per index × year × city that the index is about and that has a value. Who has too few has
-- no rank, and a reason. Intervals say how far a rank depends on choices: no sampling error.
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
    ranked.rank_copeland,
    ranked.score_median,
    ranked.score_p05,
    ranked.score_p95,
    by_year.change as score_change,
    by_year.rank_change
from {{ ref('int_index__rank') }} as ranked
inner join {{ ref('dim_city') }} as city on city.city_id = ranked.city_id
left join {{ ref('int_index__change') }} as by_year
    on
        by_year.index = ranked.index and by_year.year = ranked.year
        and by_year.city_id = ranked.city_id and by_year.basis = 'year'
order by ranked.index, ranked.year, ranked.rank nulls last, ranked.city_id
