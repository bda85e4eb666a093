-- Grain: label × city that it may mean, by whatever way it was found, with the best evidence of
-- the name.
with found as (
    from named_candidate
    union all by name
    from similar_candidate
    union all by name
    -- A place at the very spot, of another name.
    select
        label_id,
        4 as rank,
        city_id,
        false as is_main,
        true as is_own,
        false as is_folded,
        0.0 as similarity
    from around
    where not is_point
)

select
    *,
    -- "El Boulaïda (Blida)": two names of one city, one of them only alike.
    bool_or(rank = 4 and similarity = 1) over same_city
    and bool_or(rank <= 2 and similarity > 0 and similarity < 1) over same_city
        as is_bracket_alike
from found
window same_city as (partition by label_id, city_id)
qualify row_number() over (
    partition by label_id, city_id
    order by
        similarity - 0.1 * rank - if(is_folded, 0.05, 0) + if(is_main, 0.04, 0) desc,
        rank, is_main desc, is_folded, is_own desc, is_twice desc, similarity desc
) = 1
