-- Grain: label × city that has one of its names, with the best of them.
with best_name as (
    select
        * exclude (name),
        length(name) as letters,
        -- "Wien (Vienna)": two names of one city are no coincidence.
        min(name) over same_city != max(name) over same_city as is_twice
    from name_match
    window same_city as (partition by label_id, city_id)
    qualify row_number() over (
        partition by label_id, city_id
        order by
            rank + if(is_folded, 1, 0) + if(is_main, 0, 0.5) + if(is_own, 0, 3),
            rank, is_main desc, is_folded, is_own desc,
            -- Of equals the longer name, so that every run chooses alike.
            length(name) desc, name, is_shortened
    ) = 1
)

select
    *,
    1.0 as similarity
from best_name
window same_label as (partition by label_id)
-- A part of the name means nothing where the whole name is known; but for lists of cities, which
-- know better than other names do ("Xuzhou Shi" is also a town).
qualify
    rank = 1
    or (
        not bool_or(rank = 1 and is_own and (is_main or not has_list)) over same_label
        and (rank = 2 or is_twice or not bool_or(rank <= 2 and is_own) over same_label)
    )
