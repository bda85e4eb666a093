-- What a label says, taken apart: country, admin unit, coordinates, the names it may be written as.
create table label as
-- Some lists give a code twice, under two names of one place.
with entry as (
    select * from code
    qualify row_number() over (
        partition by codelist, code order by latitude nulls last, label, country, admin1, longitude
    ) = 1
),

coded as (
    select
        label_in.*,
        rule.resolve_by,
        rule.reach_km,
        rule.near_km,
        rule.without_country,
        rule.countries,
        coalesce(own.label, other.label) as code_label,
        coalesce(own.country, other.country) as code_country,
        coalesce(own.admin1, other.admin1) as code_admin1,
        coalesce(own.latitude, other.latitude) as code_latitude,
        coalesce(own.longitude, other.longitude) as code_longitude,
        rule.codelist is not null as by_code
    from label_in
    inner join rule using (source_id)
    left join entry as own
        on own.codelist = rule.codelist and own.code = label_in.ref_area_code
    left join entry as other
        on other.codelist = rule.codelist and other.code = label_in.other_code
),

said as (
    select
        coded.* exclude (population),
        nullif(try_cast(population as double), 0) as said_population,
        -- What one label says of a code holds for the code's other labels.
        if(ref_area_code is null, null, median(try_cast(population as double)) over (
            partition by code_scheme, ref_area_code
        )) as code_population,
        coalesce(code_label, ref_area) as written,
        -- "New York-Newark-Jersey City, NY-NJ-PA": the first state is the principal city's.
        upper(nullif(regexp_extract(
            coalesce(code_label, ref_area),
            '(?:,\s*([A-Z]{2})(?:-[A-Z]{2})*(?:\s*\(MSAD\))?\s*$)'
            || '|(?:\(([A-Za-z]{2})(?:-[A-Za-z]{2})*\)\s*$)', 0
        ), '')) as state_text,
        nullif(regexp_extract(state_text, '([A-Z]{2})', 1), '') as written_state,
        -- The codes of both code lists begin with the country: AT001C, ATVIE.
        coalesce(
            country, code_country,
            case when code_label is not null then left(coalesce(other_code, ref_area_code), 2) end
        ) as country_text,
        try_cast(coalesce(latitude, code_latitude) as double) as lat,
        try_cast(coalesce(longitude, code_longitude) as double) as lon
    from coded
),

-- A former state means several countries: then none of them is the label's.
only_country as (
    select
        country,
        any_value(country_iso2) as country_iso2
    from country_code
    group by country
    having count(*) = 1
)

select
    said.* replace (
        case
            when contains(written, '(greater city)') then 'greater_city'
            when by_code and ref_area_code like '%F' then 'fua'
            else said.spatial_unit
        end as spatial_unit
    ),
    -- Puerto Rico is a state to the statistics of the United States, and a country to ISO 3166.
    case
        when only_country.country_iso2 = 'US' and written_state in ('PR', 'GU', 'VI', 'AS', 'MP')
            then written_state
        else coalesce(territory_name.territory_iso2, only_country.country_iso2)
    end as country_iso2,
    country_text in (
        select country from country_code
        where country_iso2 is not null
    ) as is_known,
    coalesce(
        admin_unit.admin1,
        case
            when
                only_country.country_iso2 = 'US'
                and written_state not in ('PR', 'GU', 'VI', 'AS', 'MP')
                then written_state
        end,
        if(only_country.country_iso2 = 'CA', canada.admin1, null),
        -- ISO 3166-2 and GeoNames name the states of this country alike.
        if(only_country.country_iso2 = 'US', code_admin1, null)
    ) as admin_code,
    -- What was learned or stands in brackets ("Ji'an (Jiangxi)") is believed less.
    coalesce(iso_admin.admin1, admin_name.admin1) as likely_admin
from said
left join only_country on only_country.country = said.country_text
-- "Saint-Denis (La Réunion)" of France
left join territory_name
    on
        territory_name.country_iso2 = only_country.country_iso2
        and territory_name.name = in_brackets(written)
left join admin_unit on admin_unit.scheme = said.code_scheme and admin_unit.code = said.admin1
left join iso_admin
    on
        iso_admin.country_iso2 = only_country.country_iso2
        and iso_admin.subdivision = said.code_admin1
left join admin_name
    on
        admin_name.country_iso2 = only_country.country_iso2
        and admin_name.name = admin_called(nullif(
            regexp_extract(written, '(?:\(([^()]+)\)|,\s*([^,]+))\s*$', 0), ''
        ).trim ('(), '))
left join admin_unit as canada on canada.scheme = 'ca_post' and canada.code = said.written_state;

-- The countries in which a label's city may lie. Grain: label × country.
create table label_country as
with own as (
    select
        label.label_id,
        coalesce(label.country_iso2, country_code.country_iso2) as country_iso2
    from label
    left join country_code on country_code.country = label.country_text
    where coalesce(label.country_iso2, country_code.country_iso2) is not null
)

select
    label_id,
    country_iso2,
    true as is_own
from own
union all
-- Hong Kong under China, Martinique under France.
select
    own.label_id,
    territory.territory_iso2,
    false
from own
inner join territory using (country_iso2);

-- The names that a label may stand for, in the order of trust; grain: label × rank × name.
-- 1 as written · 2 a part, or without the words for its kind · 3 the first of several cities
-- 4 in brackets
create table label_name as
with bare as (
    select
        label_id,
        country_iso2,
        trim(regexp_replace(
            regexp_replace(
                coalesce(mended_text.mended, written), '\s*\((greater city|MSAD|[0-9])\)', '', 'g'
            ),
            case
                when country_iso2 in ('US', 'CA', 'PR', 'GU', 'VI', 'AS', 'MP')
                    then '\s*(,\s*[A-Z]{2}(-[A-Z]{2})*|\([A-Za-z]{2}(-[A-Za-z]{2})*\))\s*$'
                else '$^'
            end, ''
        )) as written
    from label
    left join mended_text using (written)
    where written is not null
),

part as (
    select
        label_id,
        1 as rank,
        written
    from bare
    union all
    select
        label_id,
        2,
        regexp_replace(written, '\s*\(.*\)', '') as written
    from bare
    where contains(written, '(')
    union all
    -- "San Isidro (Argentina)": the country says nothing more.
    select
        bare.label_id,
        1,
        regexp_replace(bare.written, '\s*\([^()]*\)\s*$', '')
    from bare
    inner join country_name
        on
            country_name.country_iso2 = bare.country_iso2
            and country_name.name = in_brackets(bare.written)
    union all
    -- "Lennep (now Remscheid)"
    select
        label_id,
        2,
        regexp_extract(written, '\((?:now|today|heute|hoy|ahora)\s+([^)]+)\)', 1) as written
    from bare
    where contains(written, '(')
    union all
    -- What stands in brackets may be another name, or only where the place lies.
    select
        label_id,
        4,
        regexp_replace(
            regexp_extract(written, '\(([^)]*)\)', 1),
            '^(now|formerly|ex|incl\.?|including|bis|antes)\s+', ''
        ) as written
    from bare
    where contains(written, '(')
    union all
    select
        label_id,
        2,
        unnest(string_split(regexp_replace(written, '\s*\(.*\)', ''), '/')) as written
    from bare
    where contains(written, '/')
    union all
    -- "Coruña, A", "Coruña (A)": the article stands behind; "Most, CZ", "Düren, Stadt": the town
    -- before.
    select
        label_id,
        2,
        unnest([
            regexp_extract(written, '^([^,;]+)[,;]', 1),
            regexp_replace(written, '^(.+), ?(\S{1,3})$', '\2 \1')
        ]) as written
    from bare
    where contains(written, ',') and country_iso2 is not null
    union all
    select
        label_id,
        2,
        regexp_replace(written, '^(.+?) ?\((\S{1,3})\)$', '\2 \1')
    from bare
    where regexp_matches(written, '\(\S{1,3}\)$')
    union all
    -- 市 is "city", 地区 "prefecture": the town is listed without.
    select
        label_id,
        2,
        regexp_replace(written, '(市|地区|州|盟)$', '')
    from bare
    where regexp_matches(written, '(市|地区|州|盟)$')
),

normal as (
    select
        part.label_id,
        part.rank,
        normalised(part.written) as name,
        label.resolve_by = 'reach' as is_point,
        label.country_iso2 = 'CN' as is_chinese
    from part
    inner join label using (label_id)
),

-- Words that say what kind of place it is.
stripped as (
    select
        label_id,
        greatest(rank, 2) as rank,
        unnest([
            regexp_replace(
                name,
                ' (city|municipality|metropolitan municipality|metropolitan city|metropolitan area'
                || '|municipal council|city council|metropolitan council|district municipality'
                || '|local municipality|kommune|kommun|stadt|stad|ville|town|township|urban area'
                || '|agglomeration|special city|capital city|shi|si|sar|hanseatic city of|metro'
                || '|hansestadt|landeshauptstadt|universitatsstadt|hovedstad|okmeydani|municipio'
                || '|municipal corporation|metropolitan|local council|division|governorate)$', ''
            ),
            regexp_replace(
                name,
                '^(mb|mp|md|regiao metropolitana d[aeo]|area metropolitana d[aeo]l?'
                || '|greater|grande|grand|gran|urban|city of|municipality of|metropolitan city of'
                || '|municipio de|commune de|ville de|gemeente|comune di|town of|old town|kota'
                || '|ciudad de|cidade de|metropolitan|opcina|grad'
                || '|municipal council of|city and county of|koh|ko|al|el|as|ash|ad|an|at|ar|the'
                || '|la|le|les|los|las|o|os|a) ',
                ''
            ),
            -- An airport is listed under its town: "St. Augustine Airport", "Edwards AFB".
            if(
                is_point,
                regexp_replace(
                    name, '( (airport|airfield|afb|air base|apt|intl|international))+$', ''
                ), name
            ),
            if(is_point, regexp_replace(name, ' islands?$', ''), name),
            -- Lüliang is typed Lvliang.
            if(is_chinese, regexp_replace(name, '(^| |[a-z])(l|n)v', '\1\2u', 'g'), name),
            regexp_replace(name, ' a d ', ' an der '),
            regexp_replace(name, ' a (m|main)$', ' am main'),
            regexp_replace(name, ' (a|am|an der|on|on the|upon|i|im|in|b|bei|sur|s) .+$', '')
        ]) as name
    from normal
),

-- Of a polycentric unit the first city named is the principal one.
first_of_several as (
    select
        label_id,
        3 as rank,
        unnest([
            normalised(regexp_extract(
                regexp_replace(written, '^(Urban|Greater) ', ''),
                '^([^-–—/&+,;]+?)\s*(--|[-–—/&+,;]|\s(?:and|und|et|y|e|és|en)\s)', 1
            )),
            -- "Winston-Salem", "Aix-en-Provence and …": the names themselves may have a hyphen.
            normalised(regexp_extract(written, '^([^-–]+[-–][^-–]+)[-–]', 1)),
            normalised(regexp_extract(
                written, '^(.+?)\s*(--|[/&+,;]|\s(?:and|und|et|y|e|és|en)\s|\s[-–]\s)', 1
            ))
        ]) as name
    from bare
    where
        regexp_matches(written, '[-–—/&+,;]|\s(and|und|et|y|e|és|en)\s')
        -- "Saint-Nazaire-le-Désert" is one village, "Marseille-Aix-en-Provence" are two cities.
        and not (
            country_iso2 = 'FR'
            and regexp_matches(
                written, '(?i)^[^-]+(-[^-]+)?-(le|la|les|lès|l''|sur|sous|en|de|du|des|d''|aux?)\b'
            )
            and normalised(regexp_extract(written, '^[^-]+-(.+)$', 1)) not in (
                select name from place_name
                where country_iso2 = 'FR'
            )
        )
)

select
    label_id,
    name,
    min(rank) as rank
from (
    select * exclude (is_point, is_chinese) from normal
    union all by name
    from stripped
    union all by name
    from first_of_several
) as variant
where name != ''
group by all;

-- The names in the name of a polycentric unit. Grain: label × part.
create table label_part as
with part as (
    select
        label_id,
        unnest(string_split_regex(
            regexp_replace(
                written, '\s*\(.*\)|,\s*[A-Z]{2}(-[A-Z]{2})*\s*$|\s+Count(y|ies)\b', '', 'g'
            ),
            '\s*(?:--|[-–—/&+]|,|\s(?:and|und|et|y|e|és|en)\s)\s*'
        )) as part
    from label
    where regexp_matches(written, '[-–—/&+,]|\s(and|und|et|y|e|és|en)\s')
)

select distinct
    label_id,
    normalised(part) as name
from part
where length(part) > 2;

-- Codes that the register itself leads to a city (GeoNames' alternate names). Grain: scheme × code.
create table register_code as
select
    code.label as scheme,
    code.code,
    any_value(place.city_id) as city_id
from code
inner join place on place.city_id = try_cast(code.other_code as bigint)
where code.other_code_scheme = 'geonames'
group by all
having count(distinct place.city_id) = 1
union all
select
    'geonames',
    city_id::varchar,
    city_id
from place;

-- What people decided. Grain: label.
create table reviewed as
select
    label.label_id,
    coalesce(register_code.city_id, decision_in.city_id) as city_id,
    decision_in.reviewed_by,
    decision_in.reason as review_reason
from label
inner join decision_in
    on
        decision_in.source_id = label.source_id
        and decision_in.ref_area is not distinct from label.ref_area
        and decision_in.ref_area_code is not distinct from label.ref_area_code
        and decision_in.country is not distinct from label.country
-- An id that the register has given up leads to its successor; one that it has lost, nowhere.
left join register_code
    on register_code.scheme = 'geonames' and register_code.code = decision_in.city_id::varchar
where decision_in.city_id is null or register_code.city_id is not null;
