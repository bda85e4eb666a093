-- One row per cell (cell_id) that states a tie: a link between two nodes, or an affiliation of a
-- node with an organisation. A node is what the source's code says, else its name.
with stated as (
    select
        cell.cell_id,
        cell.content_id,
        cell.row_number,
        cell.column_name,
        cell.source_id,
        cell.network,
        network.kind,
        network.aggregation,
        cell.time_period,
        coalesce(cell.ref_area_code, trim(cell.ref_area)) as from_node,
        coalesce(cell.to_ref_area_code, trim(cell.to_ref_area)) as to_node,
        trim(cell.organisation) as organisation,
        network.directed or from_node < to_node as is_in_order,
        cell.obs_value,
        coalesce(cell.point, '') as point
    from {{ ref('int_cell__resolved') }} as cell
    inner join {{ source('raw', 'network') }} as network on network.network = cell.network
    where cell.disposition is null
),

compared as (
    select
        *,
        row_number() over (same_statement order by content_id, row_number, column_name) as position,
        min(obs_value) over same_statement != max(obs_value) over same_statement as is_contested
    from stated
    window same_statement as (
        partition by network, source_id, time_period, from_node, to_node, organisation, point
    )
)

select
    cell_id,
    content_id,
    row_number,
    column_name,
    source_id,
    network,
    kind,
    aggregation,
    time_period,
    if(is_in_order or to_node is null, from_node, to_node) as origin_node,
    if(is_in_order or to_node is null, to_node, from_node) as destination_node,
    organisation,
    obs_value,
    case
        when from_node is null or coalesce(to_node, organisation) is null then 'rejected'
        when from_node = to_node then 'filtered'
        when is_contested then 'rejected'
        when position > 1 then 'duplicate'
    end as disposition,
    case
        when from_node is null or coalesce(to_node, organisation) is null then 'tie_without_end'
        when from_node = to_node then 'tie_to_itself'
        when is_contested then 'ambiguous_in_source'
        when position > 1 then 'same_key_and_value'
    end as reason,
    (md5_number_lower(concat_ws(
        '|', network, source_id, time_period, origin_node, coalesce(destination_node, ''),
        coalesce(organisation, '')
    )) >> 1)::bigint as tie_key
from compared
