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

-- Which cities a name or a code may mean, and why; one row per city. in_country is an ISO 3166-1
-- alpha-2 code, or null for anywhere: select * from find_city('Konstantinopel', null).
create or replace macro find_city(called, in_country) as table
    with hit as (
        select
            code.city_id,
            code.code as matched,
            code.scheme,
            code.method,
            code.code != city.name as is_variant,
            case
                when code.scheme != 'name' then 3
                when name_key(called) in (name_key(city.name), name_key(city.ascii_name)) then 1
                else 2
            end as kind
        from dim_city_code as code
        inner join dim_city as city on city.city_id = code.city_id
        where
            code.lookup_hash in (
                lookup_hash(lookup_key('name', called)), lookup_hash(lookup_key('code', called))
            )
            and lookup_key(code.scheme, code.code) = lookup_key(code.scheme, called)
            and (in_country is null or city.country_iso2 = upper(in_country))
    ),

    best as (
        select *
        from hit
        qualify row_number() over (
            partition by city_id
            order by kind, matched != called, is_variant, scheme, matched
        ) = 1
    ),

    written as (
        select
            label.city_id,
            label.ref_area_label as matched,
            list(distinct label.source_id order by label.source_id) as sources
        from dim_label as label
        semi join best
            on best.city_id = label.city_id and best.matched = label.ref_area_label
        where label.outcome = 'resolved'
        group by all
    )

    select
        best.city_id,
        city.name,
        city.country_iso2,
        city.admin1,
        city.gazetteer_population,
        best.matched,
        best.scheme,
        case
            when best.kind = 1 and own.city_id is null then 'main name in GeoNames'
            when best.kind = 1 then 'name as it was added'
            when best.scheme != 'name' and best.method in ('identity', 'register_code', 'serves')
                then 'code ' || best.scheme
            when best.scheme != 'name' then 'code ' || best.scheme || ': ' || best.method
            when starts_with(best.method, 'gazetteer') then 'name in GeoNames'
            else concat(
                'name as written by ', array_to_string(written.sources[:2], ', '),
                if(len(written.sources) > 2, ' and ' || (len(written.sources) - 2) || ' more', ''),
                ': ', best.method
            )
        end as reason,
        row_number() over (
            order by best.kind, city.gazetteer_population desc nulls last, best.city_id
        ) as rank
    from best
    inner join dim_city as city on city.city_id = best.city_id
    -- A place that GeoNames lacks has an id of our own.
    left join dim_city_code as own
        on own.city_id = best.city_id and own.scheme = 'wcn' and own.method = 'identity'
    left join written on written.city_id = best.city_id and written.matched = best.matched
    order by rank;
