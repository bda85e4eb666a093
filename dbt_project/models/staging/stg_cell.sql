-- One row per source cell (content_id, row_number, column_name): cast and scaled.
-- No filter, no join. A cell is named by its rowid (`cell_id` from int_cell__resolved on).
-- What the last build staged with the same code stays (warehouse/candidate.py leaves just that).
{{ config(materialized='incremental', incremental_strategy='append') }}
with cell as (
    select * from {{ source('raw', 'cell') }}
    {% if is_incremental() %}
        where content_id not in (select distinct staged.content_id from {{ this }} as staged)
    {% endif %}
),

trimmed as (
    select
        *,
        trim(time_period) as period_text,
        case value_form
            when 'bracketed_number' then trim(value_text, ' ()')
            when 'grouped_number' then trim(replace(value_text, ',', ''), ' %')
            when 'comma_number'
                then replace(
                    trim(
                        regexp_replace(value_text, '[.\s\x{a0}\x{202f}](\d{3})\b', '\1', 'g'), ' %'
                    ), ',', '.'
                )
            else trim(value_text)
        end as number_text,
        {{ has_resolved_label() }} as is_label_resolved
    from cell
),

scaled as (
    select
        *,
        case
            when value_form = 'presence' then if(is_missing, null, 1.0)
            -- The power of ten is written behind the digits: 37256.109e3 is 37256109 to the last
            -- bit, which a multiplication is not.
            when not contains(number_text, 'e') and not contains(number_text, 'E')
                then try_cast(number_text || 'e' || coalesce(unit_mult, 0) as double)
            else try_cast(number_text as double) * pow(10, coalesce(unit_mult, 0))
        end as number
    from trimmed
)

select
    content_id,
    source_id,
    resource,
    row_number,
    column_name,
    indicator,
    indicator_code,
    network,
    organisation,
    -- The texts of a label that will be resolved are in stg_label.
    if(is_label_resolved, null, ref_area) as ref_area,
    if(is_label_resolved, null, ref_area_code) as ref_area_code,
    if(is_label_resolved, null, country) as country,
    coalesce(to_ref_area_code, to_ref_area) as to_ref_area,
    spatial_unit,
    if(regexp_full_match(period_text, '{{ var("period_pattern") }}'), period_text, null)
        as time_period,
    freq,
    value_text,
    point,
    -- Plus zero: a negative zero keeps its sign in some compressions of the file only.
    if(isfinite(number), number + 0.0, null) as obs_value,
    obs_status,
    edition_order,
    is_missing,
    is_confidential,
    filter_reason,
    {{ own_label_id() }} as label_id,
    if(coalesce(to_ref_area, to_ref_area_code) is not null, {{ far_label_id() }}, null)
        as to_label_id
from scaled
