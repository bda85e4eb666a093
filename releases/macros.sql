-- The questions that a release answers by itself. Above 150 lines: they travel as one script.

-- What readers saw at a moment (UTC): select * from observations_as_of(timestamp '2026-12-01').
create or replace macro observations_as_of(moment) as table
    select * exclude (started_by, ended_by)
    from fct_observation_history
    where valid_from <= moment::timestamp and (valid_to is null or valid_to > moment::timestamp);

-- From a figure to the cells, bytes and receipt it came from:
-- select * from trace(2950159, 'population', 2015).
create or replace macro trace(city, what, which_year) as table
    select
        fact.source_id,
        fact.spatial_unit,
        fact.time_period,
        fact.obs_value,
        fact.unit_measure,
        fact.obs_status,
        fact.is_preferred,
        cell.ref_area_label,
        cell.ref_area_code,
        cell.value_text,
        cell.time_period as cell_period,
        bridge.content_id,
        bridge.row_number,
        bridge.column_name,
        content.access_method,
        content.url,
        content.retrieved_at,
        content.sha256
    from fct_observation as fact
    inner join bridge_observation_cell as bridge using (observation_key)
    inner join fct_source_observation as cell using (content_id, row_number, column_name)
    inner join dim_content as content using (content_id)
    where
        fact.city_id = city and fact.indicator = what
        and (which_year is null or fact.year = which_year)
    order by fact.source_id, fact.spatial_unit, fact.time_period, bridge.row_number;

-- Which cities a name or a code may mean, and why; one row per city, the likeliest first.
-- in_country is a code or a name of a country (dim_country_name); without it, anywhere, or where
-- the name itself says: select * from find_city('Konstantinopel'), find_city('Paris, France').
create or replace macro find_city(called, in_country := null) as table
    with said as (
        select
            coalesce(country_key(in_country), known.country_key) as country_key,
            trim(if(
                in_country is null and known.country_key is not null,
                regexp_replace(called, ',[^,]*$', ''), called
            )) as name
        from (select country_key(regexp_extract(called, ',([^,]*)$', 1)) as last_part) as part
        left join (select distinct country_key from dim_country_name) as known
            on known.country_key = last_part
    ),

    -- The key is made once; twice one value is found sooner than one of two.
    asked as materialized (
        select
            country_key,
            name as asked_text,
            name_key(name) as name,
            upper(name) as code,
            lookup_hash(name_key(name)) as name_hash,
            lookup_hash(upper(name)) as code_hash
        from said
    ),

    hit as materialized (
        select
            asked.asked_text,
            asked.name as asked_name,
            code.city_id,
            code.code as matched,
            code.scheme,
            code.method,
            code.written_by
        from asked
        inner join dim_city_code as code on code.lookup_hash = asked.name_hash
        where code.scheme = 'name' and name_key(code.code) = asked.name
        union all
        select
            asked.asked_text,
            asked.name,
            code.city_id,
            code.code,
            code.scheme,
            code.method,
            code.written_by
        from asked
        inner join dim_city_code as code on code.lookup_hash = asked.code_hash
        where code.scheme != 'name' and upper(trim(code.code)) = asked.code
    ),

    described as (
        select
            hit.*,
            city.name,
            city.local_name,
            city.country_iso2,
            city.admin1,
            city.gazetteer_population,
            hit.matched != city.name as is_variant,
            case
                -- As a short name is written: "NYC", and no "la".
                when hit.scheme = 'abbreviation' and hit.matched = hit.asked_text then 2
                when hit.scheme != 'name' then 3
                when hit.asked_name in (
                    name_key(city.name), name_key(city.ascii_name), name_key(city.local_name)
                ) then 1
                -- Either half of Biel/Bienne is its name.
                when list_contains(
                    list_transform(string_split(city.name, '/'), lambda half: name_key(half)),
                    hit.asked_name
                ) then 1
                -- "León" is short for León de los Aldama.
                when starts_with(name_key(city.name), hit.asked_name || ' ') then 1.5
                else 2
            end as kind
        from hit
        inner join dim_city as city using (city_id)
        where
            (select country_key from asked) is null
            or city.country_iso2 in (
                select known.country_iso2
                from dim_country_name as known
                inner join asked using (country_key)
            )
    ),

    best as (
        select *
        from described
        qualify row_number() over (
            partition by city_id
            order by kind, matched != asked_text, is_variant, scheme, matched
        ) = 1
    ),

    -- How often sources write one of the names that were hit.
    written as (
        select
            city_id,
            sum(len(string_split(written_by, ', '))) as times
        from hit
        where written_by is not null
        group by city_id
    )

    select
        best.city_id,
        best.name,
        best.country_iso2,
        best.admin1,
        best.gazetteer_population,
        best.matched,
        best.scheme,
        case
            when best.kind = 1 and own.city_id is not null then 'name as it was added'
            when best.kind = 1 and best.asked_name != name_key(best.local_name)
                then 'name by which it is known'
            when best.kind = 1 then 'main name in GeoNames'
            when best.scheme = 'abbreviation' then 'short name in GeoNames'
            when best.scheme != 'name' and best.method in ('identity', 'register_code', 'serves')
                then 'code ' || best.scheme
            when best.scheme != 'name' then 'code ' || best.scheme || ': ' || best.method
            when starts_with(best.method, 'gazetteer') then 'name in GeoNames'
            else concat(
                'name as written by ',
                array_to_string(string_split(best.written_by, ', ')[:2], ', '),
                if(
                    len(string_split(best.written_by, ', ')) > 2,
                    ' and ' || (len(string_split(best.written_by, ', ')) - 2) || ' more', ''
                ),
                ': ', best.method
            )
        end as reason,
        -- A person means the larger city, the one that sources mean by the name, and what has it
        -- for its main name: that is worth a city fifteen times as large, a main name that begins
        -- with it one seven times, and twice as many sources that write it one twice as large.
        row_number() over (
            order by
                best.kind = 3,
                ln(greatest(coalesce(best.gazetteer_population, 0), 500))
                + case best.kind when 1 then 2.7 when 1.5 then 2 else 0 end
                + ln(1 + coalesce(written.times, 0)) desc,
                best.city_id
        ) as rank
    from best
    -- A place that GeoNames lacks has an id of our own.
    left join dim_city_code as own
        on own.city_id = best.city_id and own.scheme = 'wcn' and own.method = 'identity'
    left join written on written.city_id = best.city_id
    order by rank;
