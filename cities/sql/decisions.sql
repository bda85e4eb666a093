-- One decision per label, with its reason.

-- What is no city is decided before anything is counted: by its words, or because the gazetteer has
-- it as a part of one. Grain: label.
create table not_city as
with plain as (
    select
        label_id,
        country_iso2,
        normalised(
            regexp_replace(written, '\s*(,\s*[A-Z]{2})?\s*(\(.*\))?$', '')
        ) as name
    from label
    where written is not null and resolve_by != 'reach' and coalesce(spatial_unit, '') != 'country'
),

said as (
    select
        plain.label_id,
        kind_of_no_city(
            plain.country_iso2, plain.name,
            plain.label_id in (
                select label_id from named_candidate
                where rank <= 3
            )
        ) as kind
    from plain
    union all
    select distinct
        plain.label_id,
        'section_of_a_city'
    from plain
    inner join section_name using (country_iso2, name)
    anti join
        named_candidate
        on named_candidate.label_id = plain.label_id and named_candidate.rank <= 2
    union all
    select distinct
        plain.label_id,
        'country'
    from plain
    inner join country_name using (country_iso2, name)
    anti join
        named_candidate
        on named_candidate.label_id = plain.label_id and named_candidate.rank = 1
    union all
    -- A system that names its country's code alone speaks of no city.
    select
        label_id,
        'country'
    from label
    where length(written) = 2 and written = country_text
    union all
    -- The boroughs of London bear the names of their quarters.
    select distinct
        plain.label_id,
        if(subdivision_name.kind = 'London borough', 'district_of_a_city', 'region')
    from plain
    inner join subdivision_name
        on
            subdivision_name.country_iso2 = plain.country_iso2
            and normalised(subdivision_name.name) = plain.name
    left join (
        select distinct label_id from named_candidate
        where rank <= 2 or is_main
    ) as named
        on named.label_id = plain.label_id
    where
        subdivision_name.kind = 'London borough'
        or (
            named.label_id is null
            and not regexp_matches(lower(subdivision_name.kind), 'city|municipal|capital|town')
        )
)

select
    label_id,
    min(kind) as kind
from said
where kind is not null
group by label_id;

-- The most probable candidate, and how far a point's own name leads.
create table best as
select
    label_id,
    arg_max(city_id, (probability, population, -city_id)) as city_id,
    max(probability) as probability,
    arg_max(name_level, (probability, population, -city_id)) as name_level,
    arg_max(country_level, (probability, population, -city_id)) as country_level,
    arg_max(population_level, (probability, population, -city_id)) as population_level,
    arg_max(similarity, (probability, population, -city_id)) as similarity,
    count(*) filter (
        where similarity = 1 and rank <= 2 and distance_level not in ('within_100_km', 'beyond')
    ) as n_named,
    -- How many times larger the largest is than the next: without a country, that must decide.
    arg_max(city_id, (population, -city_id)) filter (where similarity = 1 and rank = 1) as largest,
    max(population) filter (where similarity = 1 and rank = 1) as largest_population,
    arg_max(is_main, (population, -city_id)) filter (where similarity = 1 and rank = 1)
        as is_largest_main,
    -- Rome is Rome, though Lomé is so called somewhere: an other name of a lesser place counts a
    -- fifth beside the name itself.
    list(
        { 'full': population, 'fifth': population * if(is_main, 1, 0.2) }
        order by population desc, city_id
    ) filter (where similarity = 1 and rank = 1) as ranked,
    largest_population >= 100000
    and coalesce(largest_population / greatest(list_max(
        [if(is_largest_main, other.fifth, other.full) for other in ranked[2:]]
    ), 1), 9) >= 5 as is_dominant,
    -- A point is named after the city of its name that draws most: with its size and against the
    -- square of its distance (Reilly 1931), alike within ten kilometres.
    arg_max(city_id, (
        similarity = 1, -rank, is_main, population / pow(greatest(km, 10), 2), -city_id
    )) filter (
        where similarity >= 0.88
    ) as named
from candidate
group by label_id;

create table served as
select
    label_id,
    first(city_id order by population / pow(greatest(km, 10), 2) desc nulls last, city_id)
        as city_id
from around
where resolve_by = 'reach'
group by label_id;

-- A code that the register itself leads to a city needs no name.
create table registered as
with led as (
    select
        label.label_id,
        register_code.city_id
    from label
    inner join register_code
        on
            register_code.scheme = label.code_scheme
            and register_code.code = label.ref_area_code
    union
    select
        label.label_id,
        register_code.city_id
    from label
    inner join register_code
        on
            register_code.scheme = label.other_code_scheme
            and register_code.code = label.other_code
)

select
    label_id,
    any_value(city_id) as city_id
from led
group by label_id
having count(*) = 1;

create table decided as
select
    label.*,
    best.probability as best_probability,
    best.n_named,
    not_city.kind as not_city_kind,
    reviewed.label_id is not null as is_reviewed,
    reviewed.reviewed_by,
    reviewed.review_reason,
    case
        when reviewed.label_id is not null then reviewed.city_id
        when registered.city_id is not null then registered.city_id
        when spatial_unit = 'country' or not_city.kind is not null then null
        when resolve_by = 'reach' then coalesce(best.named, served.city_id)
        when country_text is null
            then
                case
                    when without_country = 'dominant' and best.is_dominant then best.largest
                    -- Where a source means few countries, they are as good as one.
                    when countries is not null and best.n_named = 1 then best.city_id
                end
        when best.probability >= threshold.link then best.city_id
    end as city_id,
    case
        when reviewed.city_id is not null or registered.city_id is not null then 'resolved'
        when reviewed.label_id is not null then 'not_a_city'
        -- A country is context: known by itself, and no city.
        when spatial_unit = 'country' then if(country_iso2 is null, 'country_unknown', 'resolved')
        when not_city.kind is not null then 'not_a_city'
        when by_code and code_label is null and country_text is null and ref_area is null
            then 'code_unknown'
        when resolve_by = 'reach'
            then
                case
                    when country_text is not null and not is_known then 'country_unknown'
                    when coalesce(best.named, served.city_id) is null then 'no_city_within_reach'
                    else 'resolved'
                end
        when country_text is not null and not is_known then 'country_unknown'
        when country_text is null
            then
                case
                    when without_country = 'reject' then 'country_unknown'
                    when best.is_dominant or (countries is not null and best.n_named = 1)
                        then 'resolved'
                    when best.n_named > 0 then 'city_ambiguous'
                    else 'city_unknown'
                end
        when best.probability >= threshold.link then 'resolved'
        when best.probability >= threshold.review then 'in_review'
        when best.n_named > 1 then 'city_ambiguous'
        when by_code and code_label is null and ref_area is null then 'code_unknown'
        else 'city_unknown'
    end as outcome,
    case
        when reviewed.label_id is not null then 'reviewed'
        when registered.city_id is not null
            then if(code_scheme = 'geonames', 'identity', 'register_code')
        else concat_ws(
            '+',
            if(by_code and code_label is not null, 'code', null),
            case
                when resolve_by = 'reach' and best.named is null then 'city_within_reach'
                when best.name_level like 'several%' then 'principal_city'
                when best.name_level like 'similar%' then 'similar_name'
                when best.name_level = 'nearby' then 'place'
                else 'name'
            end,
            case
                when country_text is null then 'dominant'
                when best.country_level = 'territory' then 'territory'
                else 'country'
            end,
            if(admin_code is not null, 'admin1', null),
            if(lat is not null, 'coordinates', null),
            if(best.population_level like 'within%', 'population', null)
        )
    end as method
from label
cross join threshold
left join best using (label_id)
left join served using (label_id)
left join registered using (label_id)
left join not_city using (label_id)
left join reviewed using (label_id);

-- Every code that a label carries: its source's, and a second one of another scheme.
create table carried as
select
    label_id,
    source_id,
    code_scheme as scheme,
    ref_area_code as code,
    city_id,
    best_probability,
    is_reviewed
from decided
where code_scheme is not null and ref_area_code is not null
union
select
    label_id,
    source_id,
    other_code_scheme,
    other_code,
    city_id,
    best_probability,
    is_reviewed
from decided
where other_code_scheme is not null and other_code is not null;

-- A code means one place. Where labels of one code lead to several cities, the best supported stays
-- and the others go to a person.
create table contested as
with best_in_brackets as (
    select
        label_id,
        max(best_probability) over (
            partition by source_id, spatial_unit, city_id, in_brackets(written)
        ) as probability
    from decided
),

claim as (
    select
        scheme,
        code,
        city_id,
        bool_or(is_reviewed) as is_reviewed,
        count(*) as labels,
        max(best_probability) as probability
    from carried
    where city_id is not null
    group by scheme, code, city_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by scheme, code
            order by is_reviewed desc, labels desc, probability desc nulls last, city_id
        ) as position
    from claim
)

select distinct carried.label_id
from carried
inner join ranked using (scheme, code, city_id)
where ranked.position > 1 and not carried.is_reviewed
union
-- "Santo Tomas (Batangas)" and "Santo Tomas (Davao del Norte)" of a source are not one; but a name
-- of the city in brackets tells nothing apart ("Mumbai (Bombay)").
select label_id
from (
    select
        decided.label_id,
        dense_rank() over (
            partition by
                decided.source_id, decided.spatial_unit, decided.city_id,
                regexp_extract(decided.written, '^[^(]+')
            order by best_in_brackets.probability desc, in_brackets(decided.written)
        ) as position
    from decided
    inner join best_in_brackets using (label_id)
    anti join place_name
        on
            place_name.city_id = decided.city_id
            and place_name.name = in_brackets(decided.written)
    where
        decided.resolve_by != 'reach'
        and decided.method not in ('reviewed', 'register_code', 'identity')
) as told_apart
where position > 1
union
-- Of schemes that give every city one code, two codes of a source cannot mean one city.
select label_id
from (
    select
        carried.label_id,
        carried.is_reviewed,
        dense_rank() over (
            partition by
                carried.source_id, carried.scheme, carried.city_id, decided.spatial_unit
            order by
                carried.is_reviewed desc, carried.best_probability desc nulls last, carried.code
        ) as position
    from carried
    inner join decided using (label_id)
    inner join code_scheme using (scheme)
    where carried.city_id is not null and code_scheme.one_to_one = 'yes'
) as claimed
where position > 1 and not is_reviewed;

-- The cities that the name of a polycentric unit names, the principal one among them.
-- Grain: label × city.
create table member as
with named as (
    select
        decided.label_id,
        decided.city_id as principal_city_id,
        label_part.name as part
    from decided
    inner join label_part using (label_id)
    where decided.city_id is not null and decided.method like '%principal_city%'
)

select
    named.label_id,
    place.city_id,
    any_value(place.name) as name,
    any_value(place.city_id = named.principal_city_id) as is_principal
from named
inner join place as principal on principal.city_id = named.principal_city_id
inner join place_name
    on
        place_name.country_iso2 = principal.country_iso2
        and place_name.name = named.part
inner join place on place.city_id = place_name.city_id
where
    kilometres(principal.latitude, principal.longitude, place.latitude, place.longitude) <= 120
group by named.label_id, named.part, place.city_id
-- Of several of one name the largest, but for the principal city itself.
qualify row_number() over (
    partition by named.label_id, named.part
    order by is_principal desc, any_value(place.population) desc nulls last, place.city_id
) = 1;

-- A code that one source resolved serves every source of that scheme, if all agree.
create table decision as
with spoken as (
    select
        scheme,
        code,
        any_value(city_id) as city_id,
        max(best_probability) as probability
    from carried
    where city_id is not null
    group by all
    having count(distinct city_id) = 1
),

shared as (
    select
        carried.label_id,
        any_value(spoken.city_id) as city_id,
        max(spoken.probability) as probability
    from carried
    inner join spoken using (scheme, code)
    inner join decided using (label_id)
    where carried.city_id is null and decided.not_city_kind is null and not decided.is_reviewed
    group by carried.label_id
    having count(distinct spoken.city_id) = 1
),

member_list as (
    select
        label_id,
        list(distinct city_id order by city_id) as member_city_ids
    from member
    group by label_id
),

near_miss as (
    select
        label_id,
        list({
            'city_id': city_id, 'name': name, 'admin1': admin1, 'km': round(km, 1),
            'population': population, 'probability': round(probability, 4)
        } order by probability desc, population desc, city_id)[:8] as candidates
    from candidate
    group by label_id
),

excluded as (
    -- Contradicted by admin unit or place: no answer, but what a person would look at.
    select
        named_candidate.label_id,
        list({
            'city_id': city_id, 'name': place.name, 'admin1': place.admin1,
            'km': round(kilometres(label.lat, label.lon, place.latitude, place.longitude), 1),
            'population': place.population, 'probability': 0.0
        } order by rank, place.population desc nulls last, city_id)[:8] as candidates
    from named_candidate
    inner join place using (city_id)
    inner join label using (label_id)
    group by named_candidate.label_id
)

select
    decided.label_id,
    decided.source_id,
    decided.code_scheme,
    decided.ref_area_code,
    decided.other_code_scheme,
    decided.other_code,
    coalesce(decided.written, decided.ref_area) as ref_area,
    -- As the source gives it: what a person's decision is about, and what a person looks at.
    decided.ref_area as given_ref_area,
    decided.country as given_country,
    decided.admin1 as given_admin1,
    decided.lat as latitude,
    decided.lon as longitude,
    decided.said_population as population,
    case when contested.label_id is null then coalesce(decided.city_id, shared.city_id) end
        as city_id,
    decided.spatial_unit,
    -- Of a former state, the country in which the city lies now.
    coalesce(decided.country_iso2, place.country_iso2) as country_iso2,
    case
        when contested.label_id is not null then null
        when decided.city_id is not null then decided.method
        when decided.outcome = 'not_a_city'
            then if(decided.is_reviewed, 'reviewed', decided.not_city_kind)
        when shared.city_id is not null then 'shared_code'
    end as method,
    case
        when contested.label_id is not null then null
        when decided.city_id is not null
            then if(
                decided.is_reviewed or decided.method in ('register_code', 'identity')
                or decided.resolve_by = 'reach' or decided.country_text is null,
                1.0, round(decided.best_probability, 4)
            )
        when shared.city_id is not null then round(coalesce(shared.probability, 1.0), 4)
    end as probability,
    case
        when contested.label_id is not null then 'in_review'
        when shared.city_id is not null then 'resolved'
        else decided.outcome
    end as outcome,
    decided.reviewed_by,
    decided.review_reason,
    if(contested.label_id is null, member_list.member_city_ids, null) as member_city_ids,
    case
        when
            contested.label_id is not null
            or coalesce(decided.city_id, shared.city_id) is null
            then to_json(coalesce(near_miss.candidates, excluded.candidates, []))::varchar
    end as candidates
from decided
left join shared on shared.label_id = decided.label_id
left join contested on contested.label_id = decided.label_id
left join member_list on member_list.label_id = decided.label_id
left join near_miss on near_miss.label_id = decided.label_id
left join excluded on excluded.label_id = decided.label_id
left join place on place.city_id = coalesce(decided.city_id, shared.city_id);
