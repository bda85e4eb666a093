-- One row per network × node: a place as its sources code it, and the city that it leads to.
with stated as (
    select
        cell.network,
        coalesce(cell.ref_area_code, trim(cell.ref_area)) as node_id,
        cell.code_scheme,
        cell.ref_area_code as source_code,
        cell.ref_area as label,
        cell.label_id
    from {{ ref('int_cell__resolved') }} as cell
    where cell.network is not null and cell.filter_reason is null
    union all
    select
        cell.network,
        coalesce(cell.to_ref_area_code, trim(cell.to_ref_area)),
        cell.code_scheme,
        cell.to_ref_area_code,
        cell.to_ref_area,
        cell.to_label_id
    from {{ ref('int_cell__resolved') }} as cell
    where cell.network is not null and cell.filter_reason is null and cell.to_label_id is not null
)

select
    stated.network,
    stated.node_id,
    any_value(stated.code_scheme) filter (where stated.source_code is not null) as code_scheme,
    min(stated.source_code) as source_code,
    min(coalesce(stated.label, resolution.ref_area)) as label,
    -- Two labels of one node that lead to two cities lead nowhere.
    if(
        count(distinct resolution.city_id) = 1, min(resolution.city_id), null
    )::bigint as city_id,
    case
        when count(distinct resolution.city_id) > 1 then 'two_cities'
        when count(resolution.city_id) > 0 then 'resolved'
        else min(resolution.outcome)
    end as outcome
from stated
left join {{ source('raw', 'resolution') }} as resolution using (label_id)
where stated.node_id is not null
group by stated.network, stated.node_id
