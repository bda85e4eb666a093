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
        and (
            not is_named or similarity >= 0.9 or likeness_kind = 'longer'
            -- One letter from a long name: it may be meant sooner than a village's other name.
            or (
                length(short_name) >= 8
                and damerau_levenshtein(short_name, place_short_name) = 1
            )
        )
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
    -- Short names are alike by chance, and of many other names one is.
    coalesce(likeness_kind, 'sound') = 'sound'
    and least(length(short_name), length(place_short_name))
    >= if(damerau_levenshtein(short_name, place_short_name) = 1, 5, 6)
    and damerau_levenshtein(short_name, place_short_name)
    <= if(is_main, greatest(length(short_name), length(place_short_name)) / 4, 1)
    and is_spelt_otherwise(short_name, place_short_name) as is_spelling,
    similarity
from enough
-- "Königsbrunn am Wagram" is not Kirchberg am Wagram, and South Brunswick not East Brunswick,
-- though both sound alike: what is not the same must be one word in two spellings.
where
    likeness_kind in ('longer', 'shorter')
    or (likeness_kind = 'sound' and place_rest = place_name)
    or least(length(own_rest), length(place_rest)) < 4
    or is_spelt_otherwise(squeezed(own_rest), squeezed(place_rest))
    or damerau_levenshtein(short_name, place_short_name) = 1
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
