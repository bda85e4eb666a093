-- One row per cell (cell_id) that is impossible for a city of its size: outside the declared range
-- per inhabitant, or far from all other cities per inhabitant.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.log_value,
        cell.obs_value / city.gazetteer_population as per_person,
        cell.per_person_min,
        cell.per_person_max,
        -- What grows with the city is compared per head: there cities differ far less. What the
        -- gazetteer knows itself (populations) has a rule of its own: int_implausible__gazetteer.
        if(
            cell.value_kind in ('stock', 'flow') and not cell.gazetteer_comparable,
            cell.log_value - ln(city.gazetteer_population), null
        ) as log_per_person
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    where
        -- None is a figure too: a museum may be closed.
        cell.obs_value != 0
        and {{ is_evidence('city.gazetteer_population', 'cell.time_period') }}
        and (
            cell.value_kind in ('stock', 'flow')
            or coalesce(cell.per_person_min, cell.per_person_max) is not null
        )
),

spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        median(log_per_person) as middle,
        greatest(1.4826 * mad(log_per_person), {{ var('per_person_min_sigma') }}) as sigma
    from cell
    where log_per_person is not null
    group by all
    having count(distinct city_id) >= {{ var('outlier_min_cities') }}
)

select
    cell.cell_id,
    'implausible_per_person' as reason
from cell
left join spread using (source_id, indicator, spatial_unit)
left join {{ ref('int_city__evidence') }} as evidence
    using (source_id, indicator, spatial_unit, city_id)
where
    (
        cell.per_person < cell.per_person_min
        or cell.per_person > cell.per_person_max
        or abs(cell.log_per_person - spread.middle)
        > {{ var('per_person_sigmas') }} * spread.sigma
    )
    and not coalesce(
        abs(cell.log_value - evidence.middle) <= ln({{ var('evidence_max_ratio') }}), false
    )
