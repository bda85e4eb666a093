-- One row per cell (cell_id) of a network: a link between two nodes, or an affiliation of a node
-- with an organisation. A node is the source's code, else its name.
with cell as (
    select
        cell.cell_id,
        cell.content_id,
        cell.row_number,
        cell.column_name,
        cell.source_id,
        cell.network,
        network.kind,
        network.aggregation,
        network.directed,
        cell.time_period,
        coalesce(own.ref_area_code, trim(own.ref_area)) as from_node,
        coalesce(far.ref_area_code, trim(far.ref_area)) as to_node,
        trim(cell.organisation) as organisation,
        cell.obs_value,
        coalesce(cell.point, '') as point
    from {{ ref('int_cell__resolved') }} as cell
    inner join {{ source('raw', 'network') }} as network on network.network = cell.network
    inner join {{ source('raw', 'resolution') }} as own on own.label_id = cell.label_id
    left join {{ source('raw', 'resolution') }} as far on far.label_id = cell.to_label_id
    where cell.disposition is null
),

compared as (
    select
        *,
        row_number() over (same_edge order by content_id, row_number, column_name) as position,
        min(obs_value) over same_edge != max(obs_value) over same_edge as is_contested
    from cell
    window same_edge as (
        partition by network, source_id, time_period, from_node, to_node, organisation, point
    )
),

decided as (
    select
        *,
        case
            when from_node is null or coalesce(to_node, organisation) is null
                then 'edge_without_end'
            when from_node = to_node then 'self_loop'
            when is_contested then 'ambiguous_in_source'
            when position > 1 then 'same_key_and_value'
        end as reason,
        -- The ends of an undirected link are in alphabetical order.
        not directed and from_node >= to_node as is_reversed
    from compared
),

oriented as (
    select
        * exclude (from_node, to_node),
        if(is_reversed, to_node, from_node) as origin_node,
        if(is_reversed, from_node, to_node) as destination_node
    from decided
),

-- Dense, in the order of the grain, and of this release only.
numbered as (
    select
        cell_id,
        dense_rank() over (
            order by
                network, source_id, time_period, origin_node,
                coalesce(destination_node, ''), coalesce(organisation, '')
        ) as edge_key
    from oriented
    where reason is null
)

select
    oriented.cell_id,
    oriented.content_id,
    oriented.row_number,
    oriented.column_name,
    oriented.source_id,
    oriented.network,
    oriented.kind,
    oriented.aggregation,
    oriented.time_period,
    oriented.origin_node,
    oriented.destination_node,
    oriented.organisation,
    oriented.point,
    oriented.obs_value,
    case oriented.reason
        when 'edge_without_end' then 'rejected'
        when 'self_loop' then 'filtered'
        when 'ambiguous_in_source' then 'rejected'
        when 'same_key_and_value' then 'duplicate'
    end as disposition,
    oriented.reason,
    numbered.edge_key
from oriented
left join numbered on numbered.cell_id = oriented.cell_id
