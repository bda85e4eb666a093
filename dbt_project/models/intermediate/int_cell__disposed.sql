-- One row per source cell with its one final disposition and, unless published, the reason.
with passed as (
    select
        content_id,
        row_number,
        column_name
    from {{ ref('int_observation__passed') }}
),

published as (
    select distinct
        content_id,
        row_number,
        column_name
    from {{ ref('int_fact__cell') }}
),

cell as (
    select
        resolved.*,
        coalesce(resolved.disposition, deduplicated.disposition, plausible.disposition) as early,
        coalesce(resolved.reason, deduplicated.reason, plausible.reason) as early_reason,
        passed.content_id is not null as is_passed,
        published.content_id is not null as is_published
    from {{ ref('int_cell__resolved') }} as resolved
    left join {{ ref('int_cell__deduplicated') }} as deduplicated
        using (content_id, row_number, column_name)
    left join {{ ref('int_cell__plausible') }} as plausible
        using (content_id, row_number, column_name)
    left join passed using (content_id, row_number, column_name)
    left join published using (content_id, row_number, column_name)
)

select
    cell.* exclude (early, early_reason, is_passed, is_published, disposition, reason),
    case
        when early is not null then early
        when is_published then 'published'
        else 'filtered'
    end as disposition,
    case
        when early is not null then early_reason
        when is_published then null
        when not is_passed then 'withheld_series'
        else 'incomplete_year'
    end as reason
from cell
