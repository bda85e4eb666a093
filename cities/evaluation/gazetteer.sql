-- The places of both gazetteers as the model has them (int_place), and the parts of cities.
create table placed as
select *, true as is_core from first
union all by name
select *, false as is_core from second;

create table section as
select distinct country as country_iso2, name from placed where feature_code = 'PPLX';

create table place as
select
    try_cast(city_id as bigint) as city_id,
    first(name order by is_core desc) as name,
    first(ascii_name order by is_core desc) as ascii_name,
    to_json(list_distinct(flatten(list(from_json(alternate_names, '["VARCHAR"]')))))::varchar
        as alternate_names,
    first(upper(country) order by is_core desc) as country_iso2,
    first(admin1 order by is_core desc) as admin1,
    first(try_cast(latitude as double) order by is_core desc) as latitude,
    first(try_cast(longitude as double) order by is_core desc) as longitude,
    nullif(first(try_cast(population as bigint) order by is_core desc), 0) as population,
    case
        when first(feature_code order by is_core desc) is null then 'unknown'
        when first(feature_code order by is_core desc) = 'PPLC' then 'capital'
        when first(feature_code order by is_core desc) like 'PPLA%' then 'seat'
        else 'populated_place'
    end as place_class,
    bool_or(is_core) as is_core
from placed
where city_id not in (
    select city_id from placed
    where feature_code in ('PPLX', 'PPLH', 'PPLQ', 'PPLW', 'PPLCH')
)
group by city_id;
