-- Grain: label's name × place's name that may be alike enough, with how alike they are (0 to 1) and
-- in what way. Edits are counted last, and where it may matter: they cost most.
with place_sound as (
    select
        place_name,
        sound(place_name) as place_sound
    from (
        select distinct place_name from similar_pair
        where is_main
    ) as main_name
),

own_sound as (
    select
        name,
        sound(name) as own_sound
    from (select distinct name from similar_pair) as own_name
),

compared as (
    select
        similar_pair.*,
        -- A name that goes on counts only where no other part of the label is a name.
        is_main and (is_named or not is_part_known)
        and starts_with(place_name, name || ' ') as is_longer,
        is_main and not is_part_known and starts_with(name, place_name || ' ') as is_shorter,
        is_main and length(own_sound.own_sound) >= 3
        and own_sound.own_sound = place_sound.place_sound as is_same_sound,
        greatest(length(short_name), length(place_short_name)) as letters_at_most,
        -- A name with three letters more is another, however alike its beginning.
        if(
            letters_more <= 2, jaro_winkler_similarity(short_name, place_short_name) - 0.05, 0
        ) as by_letters
    from similar_pair
    inner join own_sound using (name)
    left join place_sound using (place_name)
),

alike as (
    select
        *,
        greatest(
            1 - damerau_levenshtein(short_name, place_short_name) / letters_at_most, by_letters
        ) as likeness
    from compared
    where
        is_longer or is_shorter or is_same_sound or by_letters >= 0.8
        -- A transposition is one edit here and two there.
        or levenshtein(short_name, place_short_name) <= 0.4 * letters_at_most
)

select
    * exclude (is_longer, is_shorter, is_same_sound, letters_at_most, by_letters),
    case
        when is_longer then 'longer'
        when is_shorter then 'shorter'
        when is_same_sound and likeness >= 0.6 then 'sound'
    end as likeness_kind,
    -- A former or foreign name that is only alike is a weak witness, and a first letter is seldom
    -- mistaken.
    if(
        likeness_kind is null,
        likeness - if(is_main, 0, 0.05)
        - if(left(short_name, 1) = left(place_short_name, 1), 0, 0.05),
        greatest(likeness, 0.8)
    ) as similarity
from alike
