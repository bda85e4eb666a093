-- One row per declared source, with how it was obtained for this release and its three clocks.
with clock as (
    select
        source_id,
        max(retrieved_at) as fetched_at,
        max(last_modified) as updated_by_source
    from {{ ref('dim_content') }}
    group by source_id
)

select
    source.source_id,
    source.publisher,
    source.title,
    source.homepage,
    source.theme,
    source.role,
    source.licence,
    source.may_redistribute,
    source.share_alike,
    source.attribution,
    source.cadence,
    source.authority,
    source.edition,
    source.source_rank::integer as source_rank,
    state.state,
    clock.fetched_at,
    clock.updated_by_source,
    source.reference_period
from {{ source('raw', 'source') }} as source
left join clock on clock.source_id = source.source_id
left join {{ source('raw', 'source_state') }} as state on state.source_id = source.source_id
