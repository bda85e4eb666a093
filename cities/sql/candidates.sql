-- Cities that a label may mean, by name; grain: label × city, with the best of its names.
create table named_candidate as
with wanted as (
    select
        label_name.*,
        squeezed(name) as short_name
    from label_name
),

-- Names are looked for in the label's countries; where it has none, anywhere that is allowed.
placed as (
    select
        wanted.*,
        label_country.country_iso2,
        label_country.is_own,
        label_country.country_iso2 in (select country_iso2 from official_entry) as has_list
    from wanted
    inner join label_country using (label_id)
),

by_name as (
    select
        placed.label_id,
        placed.rank,
        place_name.city_id,
        place_name.is_main,
        place_name.is_shortened,
        placed.is_own,
        placed.has_list,
        placed.name,
        false as is_folded
    from placed
    inner join place_name using (country_iso2, name)
    union all
    select
        placed.label_id,
        placed.rank,
        place_name.city_id,
        place_name.is_main,
        place_name.is_shortened,
        placed.is_own,
        placed.has_list,
        placed.name,
        true
    from placed
    inner join place_name
        on
            place_name.country_iso2 = placed.country_iso2
            and place_name.short_name = placed.short_name
            and place_name.name != placed.name
    -- Two letters stand for an umlaut in one of the names, not in both ("Kocaeli", "Kocaali"), and
    -- no aa of pinyin is one letter.
    where
        length(placed.short_name) >= 4
        and (
            replace(placed.name, ' ', '') = replace(place_name.name, ' ', '')
            or (
                (
                    replace(placed.name, ' ', '') = placed.short_name
                    or replace(place_name.name, ' ', '') = place_name.short_name
                )
                and not (placed.has_list and contains(placed.name || place_name.name, 'aa'))
            )
        )
    union all
    select
        wanted.label_id,
        wanted.rank,
        place_name.city_id,
        place_name.is_main,
        place_name.is_shortened,
        true,
        false,
        wanted.name,
        false
    from wanted
    inner join label using (label_id)
    inner join place_name using (name)
    where
        label.country_text is null and label.without_country = 'dominant'
        and (
            label.countries is null or list_contains(label.countries, place_name.country_iso2)
        )
),

best_name as (
    select
        * exclude (name),
        length(name) as letters,
        -- "Wien (Vienna)": two names of one city are no coincidence.
        min(name) over same_city != max(name) over same_city as is_twice
    from by_name
    window same_city as (partition by label_id, city_id)
    qualify row_number() over (
        partition by label_id, city_id
        order by
            rank + if(is_folded, 1, 0) + if(is_main, 0, 0.5) + if(is_own, 0, 3),
            rank, is_main desc, is_folded, is_own desc
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
    );

-- The words of one name that another has not.
create macro words_only_of(one, other) as
array_to_string(
    list_filter(
        string_split(one, ' '),
        lambda word: not list_contains(string_split(other, ' '), word)
    ), ' '
);

-- Where no name is the same, names that are alike: compared where country and skeleton, or the
-- first or last letters agree. Where it is only another name of some place, names that go on or
-- are very much alike.
create table similar_candidate as
with unnamed as (
    select
        label_name.label_id,
        label_name.rank,
        label_name.name,
        squeezed(label_name.name) as short_name,
        label_country.country_iso2,
        label_country.is_own,
        label_name.label_id in (select label_id from named_candidate) as is_part_known,
        label_name.label_id in (
            select label_id from named_candidate
            where rank <= 2
        ) as is_named
    from label_name
    inner join label_country using (label_id)
    inner join label using (label_id)
    anti join (
        select label_id from named_candidate
        where rank <= 2 and is_main
    ) as named
        on named.label_id = label_name.label_id
    where
        length(label_name.name) >= 4 and label_country.is_own
        and (label_name.rank = 1 or not is_named)
        and (label_name.rank <= 2 or not is_part_known)
        -- Where a country lists its cities, a syllable more or less is another city.
        and label_country.country_iso2 not in (select country_iso2 from official_entry)
),

blocked as (
    select
        label_id,
        rank,
        name,
        short_name,
        country_iso2,
        is_part_known,
        is_named,
        unnest([
            'k' || skeleton(short_name), '<' || left(short_name, 4), '>' || right(short_name, 4)
        ]) as block
    from unnamed
    where length(short_name) >= 4
),

place_block as (
    select
        city_id,
        country_iso2,
        name,
        short_name,
        is_main,
        unnest([
            'k' || skeleton(short_name), '<' || left(short_name, 4), '>' || right(short_name, 4)
        ]) as block
    from place_name
    where
        length(short_name) >= 4
        and country_iso2 in (select country_iso2 from unnamed)
),

pair as (
    select distinct
        blocked.label_id,
        blocked.rank,
        blocked.is_part_known,
        blocked.is_named,
        blocked.name as said,
        blocked.short_name as said_name,
        place_block.name,
        place_block.short_name,
        place_block.city_id,
        place_block.is_main
    from blocked
    inner join place_block using (country_iso2, block)
    where
        (
            abs(length(blocked.short_name) - length(place_block.short_name)) <= 4
            or starts_with(place_block.name, blocked.name || ' ')
            or starts_with(blocked.name, place_block.name || ' ')
        )
        -- "Dublin 3" is not Dublin, nor "Sector 2" like "Sector 4".
        and regexp_extract(blocked.short_name, '\d+')
        = regexp_extract(place_block.short_name, '\d+')
),

compared as (
    select
        label_id,
        rank,
        city_id,
        is_main,
        is_named,
        said_name,
        short_name,
        length(said) as letters,
        1 - damerau_levenshtein(said_name, short_name)
        / greatest(length(said_name), length(short_name)) as by_edits,
        -- A name with three letters more is another, however alike its beginning.
        greatest(
            by_edits,
            if(
                abs(length(said_name) - length(short_name)) <= 2,
                jaro_winkler_similarity(said_name, short_name) - 0.05, 0
            )
        ) as likeness,
        case
            -- Only where no other part of the label is a name.
            when
                is_main and (is_named or not is_part_known) and starts_with(name, said || ' ')
                then 'longer'
            when is_main and not is_part_known and starts_with(said, name || ' ') then 'shorter'
            when
                is_main and likeness >= 0.6
                and length(sound(said)) >= 3 and sound(said) = sound(name)
                then 'sound'
        end as likeness_kind,
        -- A former or foreign name that is only alike is a weak witness, and a first letter is
        -- seldom mistaken.
        words_only_of(said, name) as said_rest,
        words_only_of(name, said) as name_rest,
        if(
            likeness_kind is null,
            likeness - if(is_main, 0, 0.05)
            - if(left(said_name, 1) = left(short_name, 1), 0, 0.05),
            greatest(likeness, 0.8)
        ) as similarity
    from pair
)

select
    label_id,
    rank,
    city_id,
    is_main,
    true as is_own,
    false as is_folded,
    letters,
    likeness_kind,
    similarity
from compared
where
    similarity >= 0.8
    and (not is_named or similarity >= 0.9 or likeness_kind = 'longer')
    -- "Königsbrunn am Wagram" is not Kirchberg am Wagram: what is not the same must be alike, too.
    and (
        likeness_kind is not null or least(length(said_rest), length(name_rest)) < 4
        or 2 * damerau_levenshtein(said_rest, name_rest)
        <= greatest(length(said_rest), length(name_rest))
    )
    and (likeness_kind is not null or abs(length(said_name) - length(short_name)) <= 4)
qualify row_number() over (
    partition by label_id, city_id order by similarity - 0.1 * rank desc, rank, is_main desc
) = 1
and row_number() over (
    partition by label_id order by similarity - 0.1 * rank desc, rank, is_main desc, city_id
) <= 12;

-- Cities around a label with coordinates, where no city of its name is there: all in reach of a
-- point, the largest few around a town. A grid of 1° × 4° keeps the join small.
create table around as
with found as (
    select distinct named_candidate.label_id
    from named_candidate
    inner join label using (label_id)
    inner join place using (city_id)
    where
        label.resolve_by != 'reach'
        and kilometres(label.lat, label.lon, place.latitude, place.longitude) <= 15
),

point as (
    select
        label_id,
        lat,
        lon,
        resolve_by,
        if(resolve_by = 'reach', reach_km, 12.0) as radius,
        dy + floor(lat)::integer as row_of_grid,
        dx + floor(lon / 4)::integer as column_of_grid
    from label
    cross join (select unnest([-1, 0, 1]) as dy) as row_step
    cross join (select unnest([-1, 0, 1]) as dx) as column_step
    where
        lat is not null and lon is not null
        and label_id not in (select label_id from found)
),

gridded as (
    select
        city_id,
        country_iso2,
        latitude,
        longitude,
        population,
        is_core,
        floor(latitude)::integer as row_of_grid,
        floor(longitude / 4)::integer as column_of_grid
    from place
)

select
    point.label_id,
    gridded.city_id,
    gridded.population,
    point.resolve_by,
    kilometres(point.lat, point.lon, gridded.latitude, gridded.longitude) as km
from point
inner join gridded using (row_of_grid, column_of_grid)
inner join label_country
    on
        label_country.label_id = point.label_id
        and label_country.country_iso2 = gridded.country_iso2
-- Villages are nobody's catchment.
where (gridded.is_core or point.resolve_by != 'reach') and km <= point.radius
qualify
    point.resolve_by = 'reach'
    or row_number() over (
        partition by point.label_id order by gridded.population desc nulls last, gridded.city_id
    ) <= 5;
