-- One row per city × scheme × code: identifiers, and names (scheme `name`): as sources write them,
-- and as the gazetteer has them in every language. Above 150 lines: nine kinds of code in a union.
with code as (
    select
        city_id,
        -- Places that GeoNames lacks have ids of our own.
        if(city_id < build.own_ids_from, 'geonames', 'wcn') as scheme,
        city_id::varchar as code,
        'identity' as method,
        1.0 as probability,
        null::varchar as reviewed_by
    from {{ ref('int_city') }}
    cross join {{ source('raw', 'build') }} as build
    union all
    select
        successor.city_id,
        if(successor.former_city_id < build.own_ids_from, 'geonames', 'wcn'),
        successor.former_city_id::varchar,
        'successor',
        1.0,
        null
    from {{ ref('int_city__successor') }} as successor
    inner join {{ ref('int_city') }} as city on city.city_id = successor.city_id
    cross join {{ source('raw', 'build') }} as build
    union all
    select
        city_id,
        code_scheme,
        ref_area_code,
        method,
        probability,
        reviewed_by
    from {{ source('raw', 'resolution') }}
    where outcome = 'resolved' and code_scheme is not null and ref_area_code is not null
    union all
    select
        city_id,
        other_code_scheme,
        other_code,
        method,
        probability,
        reviewed_by
    from {{ source('raw', 'resolution') }}
    where outcome = 'resolved' and other_code_scheme is not null and other_code is not null
    union all
    select
        city_id,
        'name',
        ref_area,
        method,
        probability,
        reviewed_by
    from {{ source('raw', 'resolution') }}
    where outcome = 'resolved' and ref_area is not null
    union all
    -- Indicators whose cells are codes: airports that serve the city.
    select
        label.city_id,
        indicator.code_scheme,
        cell.value_text,
        'serves',
        1.0,
        null
    from {{ ref('fct_source_cell') }} as cell
    inner join {{ ref('dim_label') }} as label on label.label_id = cell.label_id
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    where indicator.code_scheme is not null and cell.disposition = 'published'
),

linked as (
    select
        city_id,
        scheme,
        code,
        min(method) as method,
        max(probability) as probability,
        max(reviewed_by) as reviewed_by
    from code
    group by all
),

gazetteer_name as (
    select
        city_id,
        'name' as scheme,
        unnest([name, ascii_name]) as code,
        'gazetteer_main' as method
    from {{ ref('int_city') }}
    union all
    select
        city_id,
        'name',
        name,
        'english_name'
    from {{ ref('int_city__english_name') }}
    union all
    select
        city_id,
        -- Two or three capitals are no name: NYC, and airport codes.
        if(regexp_full_match(code, '[A-Z]{2,3}'), 'abbreviation', 'name'),
        code,
        'gazetteer'
    from (
        select
            city_id,
            unnest(from_json(alternate_names, '["VARCHAR"]')) as code
        from {{ ref('int_city') }}
    ) as alternate
),

-- Which sources write a name so. The scheme is a column: as a condition on one side of the join
-- below it would make DuckDB compare every code with every writing.
writing as (
    select
        city_id,
        'name' as scheme,
        ref_area as code,
        string_agg(distinct source_id, ', ' order by source_id) as written_by
    from {{ source('raw', 'resolution') }}
    where outcome = 'resolved' and ref_area is not null and city_id is not null
    group by all
),

-- How a source's writing was linked says more than that the gazetteer has the name as well.
distinct_code as (
    from linked
    union all by name
    select
        city_id,
        scheme,
        code,
        max(method) as method,
        1.0 as probability,
        null as reviewed_by
    from gazetteer_name
    anti join linked
        on
            linked.scheme = gazetteer_name.scheme and linked.city_id = gazetteer_name.city_id
            and linked.code = gazetteer_name.code
    where trim(code) != ''
    group by city_id, scheme, code
)

select
    distinct_code.city_id::bigint as city_id,
    distinct_code.scheme,
    distinct_code.code,
    distinct_code.method,
    distinct_code.probability::double as probability,
    distinct_code.reviewed_by,
    writing.written_by,
    coalesce(previous.first_release, build.release) as first_release,
    -- The macros come with the candidate (cities/macros/keys.sql).
    lookup_hash(lookup_key(distinct_code.scheme, distinct_code.code)) as lookup_hash
from distinct_code
left join writing
    on
        writing.city_id = distinct_code.city_id
        and writing.scheme = distinct_code.scheme
        and writing.code = distinct_code.code
left join {{ source('raw', 'previous_city_code') }} as previous
    on
        previous.city_id = distinct_code.city_id
        and previous.scheme = distinct_code.scheme
        and previous.code = distinct_code.code
cross join {{ source('raw', 'build') }} as build
-- Sorted, the file is a third smaller.
order by distinct_code.city_id, distinct_code.scheme, distinct_code.code
