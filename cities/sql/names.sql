-- Every name of every place, normalised. Grain: place × normalised name.
-- Case, accents and punctuation carry no identity; what stands in brackets may (see labels.sql).
create macro normalised(name) as
trim(regexp_replace(
    strip_accents(lower(replace(replace(name, 'ß', 'ss'), 'ø', 'o'))),
    '[\s\-''’`´ʼ‘.,/_·]+', ' ', 'g'
));

create macro kilometres(lat1, lon1, lat2, lon2) as
12742 * asin(sqrt(
    pow(sin(radians(lat2 - lat1) / 2), 2)
    + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)
));

create table place_name as
with written as (
    select
        city_id,
        name as written,
        true as is_main
    from place
    union all
    select
        city_id,
        ascii_name,
        true
    from place
    where ascii_name is not null
    union all
    select
        city_id,
        unnest(from_json(alternate_names, '["VARCHAR"]')),
        false
    from place
    where alternate_names is not null
)

select
    city_id,
    normalised(written) as name,
    bool_or(is_main) as is_main
from written
-- Three capitals among the alternate names are airport codes.
where is_main or not regexp_full_match(written, '[A-Z]{2,3}')
group by all
having normalised(written) != '';
