-- One row per index × year × basis × city with a score on either side: the change of its score,
-- split exactly over its causes (Shapley), and of its rank.
select
    found.index,
    found.year,
    found.basis,
    found.city_id,
    city.name as city,
    city.country_iso2,
    found.score_before,
    found.score_after as score,
    found.change,
    found.own_value,
    found.others,
    found.revision,
    found.boundary,
    found.coverage,
    found.rank_before,
    found.rank_after as rank,
    found.rank_change,
    found.overtaken,
    found.overtook,
    found.joined,
    found.left as gone
from {{ ref('int_index__change') }} as found
inner join {{ ref('dim_city') }} as city on city.city_id = found.city_id
order by found.index, found.year, found.basis, found.city_id
