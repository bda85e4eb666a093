-- One row per city × statement × value × source × time period: what a source says of a city in
-- words, and one cell that says so. Which cells make which statement is declared.
with cell as (
    select
        cell.content_id,
        cell.row_number,
        cell.column_name,
        cell.source_id,
        cell.time_period,
        label.city_id,
        if(cell.network is null, 'indicator', 'network') as said_by,
        coalesce(cell.network, cell.indicator) as code,
        cell.organisation,
        cell.value_text
    from {{ ref('fct_source_cell') }} as cell
    inner join {{ ref('dim_label') }} as label on label.label_id = cell.label_id
    where
        cell.disposition = 'published' and label.city_id is not null
        and coalesce(cell.network, cell.indicator) in (
            select code from {{ source('raw', 'statement') }}
        )
    union all by name
    select
        city.content_id,
        city.row_number,
        content.source_id,
        'undated' as time_period,
        city.city_id,
        'gazetteer' as said_by,
        place.feature_code as code,
        city.country_iso2 as country,
        city.country_iso2 || '.' || city.admin1 as admin1
    from {{ ref('dim_city') }} as city
    inner join {{ ref('dim_content') }} as content on content.content_id = city.content_id
    inner join {{ source('raw', 'place') }} as place
        on place.content_id = city.content_id and place.row_number = city.row_number
),

coded as (
    select
        cell.*,
        declared.statement,
        case declared.value_from
            when 'organisation' then cell.organisation
            when 'value' then cell.value_text
            when 'country' then cell.country
            when 'admin1' then cell.admin1
        end as text,
        declared.value_pattern
    from cell
    inner join {{ source('raw', 'statement') }} as declared
        on
            declared.said_by = cell.said_by and declared.code = cell.code
            and coalesce(declared.source_id, cell.source_id) = cell.source_id
    -- A statement that names the source comes before one of all sources.
    qualify
        row_number() over (
            partition by cell.content_id, cell.row_number, cell.column_name, cell.code
            order by declared.source_id nulls last
        ) = 1
),

stated as (
    select
        city_id,
        statement,
        trim(coalesce(nullif(regexp_extract(text, value_pattern, 1), ''), text)) as value,
        source_id,
        time_period,
        min({
            content_id: content_id, row_number: row_number::bigint, column_name: column_name
        }) as first_cell
    from coded
    where text is not null
    group by all
)

select
    city_id,
    statement,
    value,
    source_id,
    time_period,
    try_cast(time_period as integer) as year,
    first_cell.content_id,
    first_cell.row_number,
    first_cell.column_name
from stated
order by city_id, statement, value, source_id, time_period
