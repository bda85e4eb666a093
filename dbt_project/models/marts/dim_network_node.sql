-- One row per network × node: a place as its sources code it, and the city that it leads to.
with cell as (
    select distinct
        network,
        label_id,
        to_label_id
    from {{ ref('int_cell__resolved') }}
    where network is not null and filter_reason is null
),

node_label as (
    select
        network,
        label_id,
        false as is_far
    from cell
    union
    select
        network,
        to_label_id,
        true
    from cell
    where to_label_id is not null
),

node as (
    select
        node_label.network,
        coalesce(label.ref_area_code, trim(
            if(node_label.is_far, label.given_ref_area, label.ref_area)
        )) as node_id,
        label.code_scheme,
        label.ref_area_code as source_code,
        label.ref_area as label,
        label.city_id,
        label.outcome
    from node_label
    inner join {{ source('raw', 'resolution') }} as label on label.label_id = node_label.label_id
)

select
    network,
    node_id,
    any_value(code_scheme) filter (where source_code is not null) as code_scheme,
    min(source_code) as source_code,
    min(label) as label,
    -- Two labels of one node that lead to two cities lead nowhere.
    if(count(distinct city_id) = 1, min(city_id), null)::bigint as city_id,
    case
        when count(distinct city_id) > 1 then 'two_cities'
        when count(city_id) > 0 then 'resolved'
        else min(outcome)
    end as outcome
from node
where node_id is not null
group by network, node_id
order by network, node_id
