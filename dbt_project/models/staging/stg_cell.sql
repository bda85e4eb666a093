-- One row per source cell (content_id, row_number, column_name): cast and scaled.
-- No filter, no join.
with cell as (
    select * from {{ source('raw', 'cell') }}
),

read as (
    select
        *,
        trim(time_period) as period_text,
        case value_form
            when 'bracketed_number' then trim(value_text, ' ()')
            when 'grouped_number' then trim(replace(value_text, ',', ''), ' %')
            else trim(value_text)
        end as number_text
    from cell
),

scaled as (
    select
        *,
        case
            when value_form = 'presence' then if(is_missing, null, 1.0)
            -- The power of ten is written behind the digits: 37256.109e3 is 37256109 to the last
            -- bit, which a multiplication is not.
            when number_text not similar to '.*[eE].*'
                then try_cast(number_text || 'e' || coalesce(unit_mult, 0) as double)
            else try_cast(number_text as double) * pow(10, coalesce(unit_mult, 0))
        end as number
    from read
)

select
    -- A short name for the cell within this build; it never leaves it.
    row_number() over () as cell_id,
    content_id,
    source_id,
    resource,
    row_number,
    column_name,
    indicator,
    indicator_code,
    network,
    organisation,
    ref_area,
    ref_area_code,
    to_ref_area,
    to_ref_area_code,
    code_scheme,
    other_code,
    other_code_scheme,
    country,
    admin1,
    latitude,
    longitude,
    spatial_unit,
    if(
        regexp_full_match(period_text, '(\d{4}|\d{4}/\d{4})(-(Q[1-4]|M(0[1-9]|1[0-2])))?|undated'),
        period_text, null
    ) as time_period,
    freq,
    value_text,
    value_form,
    point,
    if(isfinite(number), number, null) as obs_value,
    obs_status,
    edition_order,
    is_missing,
    is_confidential,
    filter_reason,
    md5(concat_ws(
        '|',
        source_id, coalesce(code_scheme, ''), coalesce(ref_area_code, ''), coalesce(ref_area, ''),
        coalesce(country, ''), coalesce(admin1, ''), coalesce(latitude, ''),
        coalesce(longitude, ''), coalesce(spatial_unit, ''), coalesce(other_code, '')
    )) as label_id,
    case
        when coalesce(to_ref_area, to_ref_area_code) is not null
            then md5(concat_ws(
                '|', source_id, coalesce(code_scheme, ''), coalesce(to_ref_area_code, ''),
                coalesce(to_ref_area, ''), '', '', '', '', coalesce(spatial_unit, ''), ''
            ))
    end as to_label_id
from scaled
