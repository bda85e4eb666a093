-- Grain: label's name × place's name that is worth comparing: of one country, with one skeleton,
-- or the same first or last four letters. Each pair is found in the first of these ways alone.
with keyed as (
    select
        *,
        skeleton(short_name) as skeleton,
        left(short_name, 4) as first_letters,
        right(short_name, 4) as last_letters,
        regexp_extract(short_name, '\d+') as digits
    from unnamed
),

place_key as (
    select
        city_id,
        country_iso2,
        is_main,
        name as place_name,
        short_name as place_short_name,
        skeleton,
        left(short_name, 4) as first_letters,
        right(short_name, 4) as last_letters
    from place_name
    where length(short_name) >= 4
),

pair as (
    select
        keyed.*,
        place_key.* exclude (country_iso2, skeleton, first_letters, last_letters)
    from keyed
    inner join place_key using (country_iso2, skeleton)
    union all
    select
        keyed.*,
        place_key.* exclude (country_iso2, skeleton, first_letters, last_letters)
    from keyed
    inner join place_key using (country_iso2, first_letters)
    where place_key.skeleton != keyed.skeleton
    union all
    select
        keyed.*,
        place_key.* exclude (country_iso2, skeleton, first_letters, last_letters)
    from keyed
    inner join place_key using (country_iso2, last_letters)
    where
        place_key.skeleton != keyed.skeleton
        and place_key.first_letters != keyed.first_letters
)

select
    * exclude (country_iso2, skeleton, first_letters, last_letters, digits),
    abs(length(short_name) - length(place_short_name)) as letters_more
from pair
where
    (
        letters_more <= 4
        or starts_with(place_name, name || ' ')
        or starts_with(name, place_name || ' ')
    )
    -- "Dublin 3" is not Dublin, nor "Sector 2" like "Sector 4".
    and digits = regexp_extract(place_short_name, '\d+')
