-- Grain: label × city, the best twelve of a label, where no name is the same but some are alike:
-- names that go on, that sound alike, or that are very much alike.
with enough as (
    select
        *,
        words_only_of(name, place_name) as own_rest,
        words_only_of(place_name, name) as place_rest
    from likeness
    where
        similarity >= 0.8
        and (not is_named or similarity >= 0.9 or likeness_kind = 'longer')
        and (likeness_kind is not null or letters_more <= 4)
)

select
    label_id,
    rank,
    city_id,
    is_main,
    true as is_own,
    false as is_folded,
    length(name) as letters,
    likeness_kind,
    similarity
from enough
-- "Königsbrunn am Wagram" is not Kirchberg am Wagram: what is not the same must be alike, too.
where
    likeness_kind is not null or least(length(own_rest), length(place_rest)) < 4
    or 2 * damerau_levenshtein(own_rest, place_rest)
    <= greatest(length(own_rest), length(place_rest))
qualify row_number() over (
    partition by label_id, city_id
    order by
        similarity - 0.1 * rank desc, rank, is_main desc,
        -- Of equals the longer name and the stronger kind, so that every run chooses alike.
        likeness_kind nulls last, length(name) desc
) = 1
and row_number() over (
    partition by label_id order by similarity - 0.1 * rank desc, rank, is_main desc, city_id
) <= 12
