-- What a label says, taken apart: country, admin unit, coordinates, the names it may be written as.
create table label as
-- Some lists give a code twice, under two names of one place.
with entry as (
    select * from code
    qualify row_number() over (partition by codelist, code order by latitude nulls last, label) = 1
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
        coded.*,
        coalesce(code_label, ref_area) as written,
        -- The codes of both code lists begin with the country: AT001C, ATVIE.
        coalesce(
            country, code_country,
            case when code_label is not null then left(coalesce(other_code, ref_area_code), 2) end
        ) as country_text,
        try_cast(coalesce(latitude, code_latitude) as double) as lat,
        try_cast(coalesce(longitude, code_longitude) as double) as lon
    from coded
)

select
    said.* replace (
        case
            when contains(written, '(greater city)') then 'greater_city'
            when by_code and ref_area_code like '%F' then 'fua'
            else said.spatial_unit
        end as spatial_unit
    ),
    country_code.country_iso2,
    -- "New York-Newark-Jersey City, NY-NJ-PA": the first state is the principal city's.
    coalesce(
        admin_unit.admin1,
        case
            when country_code.country_iso2 in ('US', 'CA')
                then
                    nullif(
                        regexp_extract(
                            written, ',\s*([A-Z]{2})(?:-[A-Z]{2})*(?:\s*\(MSAD\))?\s*$', 1
                        ),
                        ''
                    )
        end,
        -- ISO 3166-2 and GeoNames name the states of this country alike.
        if(country_code.country_iso2 = 'US', code_admin1, null)
    ) as admin_code
from said
left join country_code on country_code.country = said.country_text
left join admin_unit on admin_unit.scheme = said.code_scheme and admin_unit.code = said.admin1;

-- The names that a label may stand for, in the order of trust; grain: label × rank × name.
-- 1 as written · 2 either side of brackets or a slash · 3 the first of the cities of one metro
create table label_name as
with bare as (
    select
        label_id,
        country_iso2,
        spatial_unit,
        admin_code is not null or lat is not null as is_placed,
        trim(regexp_replace(
            regexp_replace(written, '\s*\((greater city|MSAD)\)', '', 'g'),
            case
                when admin_code is not null and country_iso2 in ('US', 'CA')
                    then ',\s*[A-Z]{2}(-[A-Z]{2})*\s*$'
                else '$^'
            end, ''
        )) as written
    from label
    where written is not null
),

variant as (
    select
        label_id,
        1 as rank,
        written
    from bare
    union all
    select
        label_id,
        2,
        unnest([
            regexp_replace(written, '\s*\(.*\)', ''), regexp_extract(written, '\((.*)\)', 1)
        ])
    from bare
    where contains(written, '(')
    union all
    select
        label_id,
        2,
        unnest(string_split(regexp_replace(written, '\s*\(.*\)', ''), '/'))
    from bare
    where contains(written, '/')
    union all
    -- 市 is "city", 地区 "prefecture": the town is listed without.
    select
        label_id,
        2,
        regexp_replace(written, '(市|地区)$', '')
    from bare
    where regexp_matches(written, '(市|地区)$')
    union all
    -- Only where an admin unit or coordinates can contradict it.
    select
        label_id,
        3,
        regexp_extract(written, '^([^-–,/]+?)\s*(--|[-–,/])', 1)
    from bare
    where
        spatial_unit in ('metro', 'metro_division', 'urban_agglomeration')
        and is_placed and regexp_matches(written, '[-–,/]')
)

select
    label_id,
    normalised(written) as name,
    min(rank) as rank
from variant
group by all
having normalised(written) != '';
