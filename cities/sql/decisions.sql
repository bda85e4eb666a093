-- One decision per label, with its reason.
create table named as
with agreeing as (
    select * from candidate
    where is_near and is_admin
),

-- The most trusted writing that names anything decides; a main name before an alternate one.
best as (
    select * from agreeing
    qualify
        (rank, not is_main)
        = first_value((rank, not is_main)) over (partition by label_id order by rank, not is_main)
)

select
    label_id,
    count(*) as n,
    any_value(city_id) as city_id,
    first(city_id order by population desc nulls last, city_id) as largest,
    -- How many times larger the largest is than the next: without a country, that must decide.
    list(coalesce(population, 0) order by population desc nulls last)[:2] as largest_two,
    largest_two[1] / greatest(largest_two[2], 1) as dominance,
    any_value(rank) as rank
from best
group by label_id;

create table served as
select
    label_id,
    first(city_id order by population desc nulls last, city_id) as city_id
from within_reach
group by label_id;

create table decided as
select
    label.*,
    coalesce(
        (named.n = 1 and label.countries is not null)
        or (largest_two[1] >= 100000 and coalesce(dominance, 9) >= 5), false
    ) as is_dominant,
    case
        when itself.city_id is not null then itself.city_id
        when spatial_unit = 'country' then null
        when resolve_by = 'reach' then coalesce(named.largest, served.city_id)
        when named.n = 1 and country_iso2 is not null then named.city_id
        when country_iso2 is null and is_dominant
            then named.largest
    end as city_id,
    case
        when itself.city_id is not null then 'resolved'
        -- A country is context: known by itself, and no city.
        when spatial_unit = 'country' then if(country_iso2 is null, 'country_unknown', 'resolved')
        when by_code and code_label is null and country_text is null then 'code_unknown'
        when country_iso2 is null and is_dominant then 'resolved'
        when country_iso2 is null and named.n is not null then 'city_ambiguous'
        when country_iso2 is null then 'country_unknown'
        when by_code and code_label is null and named.n is null then 'code_unknown'
        when resolve_by = 'reach'
            then
                if(
                    coalesce(named.largest, served.city_id) is null,
                    'no_city_within_reach',
                    'resolved'
                )
        when named.n is null then 'city_unknown'
        when named.n > 1 then 'city_ambiguous'
        else 'resolved'
    end as outcome,
    if(itself.city_id is not null, 'identity', concat_ws(
        '+',
        if(by_code, 'code', null),
        case
            when resolve_by = 'reach' and named.largest is null then 'largest_within_reach'
            when named.rank = 3 then 'principal_city'
            else 'name'
        end,
        if(country_iso2 is null, 'dominant', 'country'),
        if(admin_code is not null, 'admin1', null),
        if(lat is not null, 'coordinates', null)
    )) as method
from label
left join named using (label_id)
left join served using (label_id)
-- The register's own id needs no other evidence.
left join (select city_id from place) as itself
    on label.code_scheme = 'geonames' and itself.city_id = try_cast(label.ref_area_code as bigint);

-- Every code that a label carries: its source's, and a second one of another scheme.
create table carried as
select
    label_id,
    code_scheme as scheme,
    ref_area_code as code,
    city_id
from decided
where code_scheme is not null and ref_area_code is not null
union
select
    label_id,
    other_code_scheme,
    other_code,
    city_id
from decided
where other_code_scheme is not null and other_code is not null;

-- A code that one source resolved serves every source of that scheme, if all agree.
create table decision as
with spoken as (
    select
        scheme,
        code,
        any_value(city_id) as city_id
    from carried
    where city_id is not null
    group by all
    having count(distinct city_id) = 1
),

shared as (
    select
        carried.label_id,
        any_value(spoken.city_id) as city_id
    from carried
    inner join spoken using (scheme, code)
    where carried.city_id is null
    group by carried.label_id
    having count(distinct spoken.city_id) = 1
),

near_miss as (
    select
        label_id,
        list({
            'city_id': city_id, 'name': name, 'admin1': admin1, 'km': round(km, 1)
        } order by is_near desc, is_admin desc, rank, population desc, city_id)[:8] as candidates
    from candidate
    group by label_id
)

select
    decided.label_id,
    decided.source_id,
    decided.code_scheme,
    decided.ref_area_code,
    decided.other_code_scheme,
    decided.other_code,
    coalesce(decided.written, decided.ref_area) as ref_area,
    coalesce(decided.city_id, shared.city_id) as city_id,
    decided.spatial_unit,
    decided.country_iso2,
    case
        when decided.city_id is not null then decided.method
        when shared.city_id is not null then 'shared_code'
    end as method,
    if(coalesce(decided.city_id, shared.city_id) is null, null, 1.0) as probability,
    if(shared.city_id is not null, 'resolved', decided.outcome) as outcome,
    case
        when coalesce(decided.city_id, shared.city_id) is null
            then to_json(coalesce(near_miss.candidates, []))::varchar
    end as candidates
from decided
left join shared on shared.label_id = decided.label_id
left join near_miss on near_miss.label_id = decided.label_id;
