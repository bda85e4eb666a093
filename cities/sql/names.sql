-- Every name of every place, normalised. Grain: place × normalised name.
-- Case, accents, punctuation and common abbreviations carry no identity; what stands in brackets
-- may (see labels.sql).
create macro spelt_plainly(name) as
strip_accents(lower(
    translate(name, 'łŁđĐðÐøØıİħƏə', 'lLdDdDoOiIhAa')
    .replace ('ß', 'ss').replace ('æ', 'ae').replace ('œ', 'oe').replace ('þ', 'th')
));

create macro normalised(name) as
trim(
    regexp_replace(spelt_plainly(name), '[\s\-''’`´ʼʻ‘ʹ.,/_·|"*+]+', ' ', 'g')
    .regexp_replace ('(^| )(st|sankt|sint) ', '\1saint ', 'g')
    .regexp_replace ('(^| )ste ', '\1sainte ', 'g')
    .regexp_replace ('(^| )mt ', '\1mount ', 'g')
    .regexp_replace ('(^| )ft ', '\1fort ', 'g')
);

-- The same without spaces and without the two ways of writing an umlaut.
create macro squeezed(normal) as
regexp_replace(
    replace(normal, ' ', '').replace ('ae', 'a').replace ('oe', 'o').replace ('ue', 'u')
    .replace ('aa', 'a'), '[()]', '', 'g'
);

-- What remains of a name in every transliteration; only for finding what is worth comparing.
create macro skeleton(squeezed_name) as
translate(regexp_replace(squeezed_name, '[aeiouyhwj]', '', 'g'), 'ckqxzvpdg', 'sssssfbtt');

-- What stands in brackets at the end, as countries are named: "(La Réunion)" is Réunion.
create macro in_brackets(written) as
regexp_replace(
    normalised(nullif(regexp_extract(written, '\(([^()]+)\)\s*$', 1), '')), '^(la|the) ', ''
);

-- How a name sounds, whoever transliterates it: "Kafr-El-Dwar" and "Kafr ad Dawwār" are alike.
-- Articles and vowels are left out, and what is doubled is written once.
create macro sound(normal) as
trim(
    regexp_replace(
        translate(
            regexp_replace(
                ' ' || normal,
                ' (al|el|ad|ed|ar|er|as|es|ash|esh|az|ez|an|en|at|et|ath|ul) ', ' '
            ),
            'ckqgxzjvpd aeiouyhw()', 'kkkksssfbt'
        ), 'kk+', 'k', 'g'
    )
    .regexp_replace ('ss+', 's', 'g')
    .regexp_replace ('ff+', 'f', 'g')
    .regexp_replace ('bb+', 'b', 'g')
    .regexp_replace ('tt+', 't', 'g')
    .regexp_replace ('ll+', 'l', 'g')
    .regexp_replace ('rr+', 'r', 'g')
    .regexp_replace ('mm+', 'm', 'g')
    .regexp_replace ('nn+', 'n', 'g')
);

create macro kilometres(lat1, lon1, lat2, lon2) as
12742 * asin(sqrt(
    pow(sin(radians(lat2 - lat1) / 2), 2)
    + cos(radians(lat1)) * cos(radians(lat2)) * pow(sin(radians(lon2 - lon1) / 2), 2)
));

create table place_name as
with written as (
    select
        city_id,
        country_iso2,
        name as written,
        true as is_main
    from place
    union all
    select
        city_id,
        country_iso2,
        ascii_name,
        true
    from place
    where ascii_name is not null
    union all
    select
        city_id,
        country_iso2,
        unnest(from_json(alternate_names, '["VARCHAR"]')),
        false
    from place
    where alternate_names is not null
),

normal as (
    select
        city_id,
        country_iso2,
        normalised(written) as name,
        is_main
    from written
    -- Three capitals among the alternate names are airport codes.
    where is_main or not regexp_full_match(written, '[A-Z]{2,3}')
),

named as (
    select
        *,
        min(name) filter (where is_main) over (partition by city_id) as main_name
    from normal
    where name != ''
)

select
    city_id,
    country_iso2,
    name,
    bool_or(is_main) as is_main,
    -- "Braunau" of Braunau am Inn
    not bool_or(is_main)
    and contains(' ' || any_value(main_name) || ' ', ' ' || name || ' ') as is_shortened,
    squeezed(name) as short_name
from named
group by city_id, country_iso2, name;

-- In how many ways a place is written: what many languages name is known, even where the gazetteer
-- does not say how many live there. Grain: place.
create table renown as
select
    city_id,
    ln(count(*)) as renown
from place_name
group by city_id;

-- Parts of cities, and countries: names that are no city's, where no city has them.
create table section_name as
select distinct
    country_iso2,
    normalised(name) as name
from section
where name is not null;

create table country_name as
select distinct
    country_iso2,
    normalised(name) as name
from country_name_in
where length(name) > 3;

create table territory_name as
select
    territory.country_iso2,
    country_name.name,
    any_value(territory.territory_iso2) as territory_iso2
from territory
inner join country_name on country_name.country_iso2 = territory.territory_iso2
group by all
having count(distinct territory.territory_iso2) = 1;

-- ISO 3166-2 and GeoNames name admin units otherwise. Where a code list gives towns with the former
-- and coordinates, the gazetteer's towns of that name and place have the latter; a unit is known
-- where nearly all agree. Grain: country × ISO subdivision.
create table iso_admin as
with told as (
    select
        code.country as country_iso2,
        code.admin1 as subdivision,
        place.admin1,
        count(*) as n
    from code
    inner join place_name
        on place_name.country_iso2 = code.country and place_name.name = normalised(code.label)
    inner join place on place.city_id = place_name.city_id
    where
        code.admin1 is not null and place.admin1 is not null
        and abs(try_cast(code.latitude as double) - place.latitude) < 0.2
        and abs(try_cast(code.longitude as double) - place.longitude) < 0.3
    group by all
)

select
    country_iso2,
    subdivision,
    arg_max(admin1, (n, admin1)) as admin1
from told
group by country_iso2, subdivision
having max(n) >= 2 and max(n) >= 0.8 * sum(n);

-- "Zhejiang Province" is Zhejiang.
create macro admin_called(name) as regexp_replace(normalised(name), ' (province|sheng)$', '');

-- Their names. Grain: country × normalised name.
create table admin_name as
with named as (
    select
        subdivision_name.country_iso2,
        admin_called(subdivision_name.name) as name,
        iso_admin.admin1
    from subdivision_name
    inner join iso_admin using (country_iso2, subdivision)
    union
    select
        country_iso2,
        admin_called(code),
        admin1
    from admin_unit
    where scheme = 'name'
)

select
    country_iso2,
    name,
    any_value(admin1) as admin1
from named
group by all
having count(distinct admin1) = 1;
