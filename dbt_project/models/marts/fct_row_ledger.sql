-- One row per build × source × disposition × reason: cells; the totals of the source beside.
with counted as (
    select
        source_id,
        disposition,
        coalesce(reason, '') as reason,
        count(*) as cells
    from {{ ref('fct_source_cell') }}
    group by all
),

total as (
    select
        source_id,
        sum(cells) filter (where disposition = 'published') as published,
        sum(cells) filter (where disposition = 'rejected') as rejected,
        sum(cells) filter (where disposition = 'duplicate') as duplicate,
        sum(cells) filter (where disposition = 'filtered') as filtered
    from counted
    group by source_id
),

read as (
    -- Counted where the bytes were read, not where they ended: the two must agree.
    select
        source_id,
        sum(cells_read) as cells_read,
        sum(rows_read) as rows_read
    from {{ source('raw', 'content') }}
    group by source_id
)

select
    build.build_id,
    counted.source_id,
    counted.disposition,
    counted.reason,
    counted.cells::bigint as cells,
    read.cells_read::bigint as cells_read,
    coalesce(total.published, 0)::bigint as published,
    coalesce(total.rejected, 0)::bigint as rejected,
    coalesce(total.duplicate, 0)::bigint as duplicate,
    coalesce(total.filtered, 0)::bigint as filtered,
    read.rows_read::bigint as rows_read
from counted
inner join total using (source_id)
inner join read using (source_id)
cross join {{ source('raw', 'build') }} as build
