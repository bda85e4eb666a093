-- One row per cell (cell_id) that is impossible for a city of its size: outside the declared range
-- per inhabitant, or far from all other cities per inhabitant. The inhabitants are the gazetteer's,
-- and those that sources count within the same boundary: impossible is what neither allows, or the
-- one that is known.
with people as (
    select
        cell.city_id,
        cell.spatial_unit,
        median(cell.log_value) as log_people
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    where
        (indicator.gazetteer_comparable or indicator.population_hint)
        and cell.log_value is not null
    group by all
),

cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.obs_value,
        cell.log_value,
        if(
            {{ is_evidence('city.gazetteer_population', 'cell.time_period') }},
            ln(city.gazetteer_population), null
        ) as log_gazetteer,
        -- A wider boundary without a count of its own has at least the city's people. (Asked here:
        -- a join on a condition of one side alone takes seven seconds.)
        if(
            indicator.gazetteer_comparable or indicator.population_hint, null,
            coalesce(people.log_people, proper.log_people)
        ) as log_people,
        cell.per_person_min,
        cell.per_person_max,
        -- What grows with the city is compared per head: there cities differ far less. What the
        -- gazetteer knows itself (populations) has a rule of its own: int_implausible__gazetteer.
        if(
            cell.value_kind in ('stock', 'flow') and not cell.gazetteer_comparable,
            cell.log_value, null
        ) as log_shared
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    left join people
        on people.city_id = cell.city_id and people.spatial_unit = cell.spatial_unit
    left join people as proper
        on proper.city_id = cell.city_id and proper.spatial_unit = 'city_proper'
    where
        -- None is a figure too: a museum may be closed.
        cell.obs_value != 0
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
        median(log_shared - log_gazetteer) as middle,
        greatest(1.4826 * mad(log_shared - log_gazetteer), {{ var('per_person_min_sigma') }})
            as sigma
    from cell
    where log_shared is not null
    group by all
    having count(distinct city_id) >= {{ var('outlier_min_cities') }}
),

held as (
    select
        cell.* replace (
            -- A few more or fewer people are no other boundary, and make nothing possible.
            if(
                abs(cell.log_people - cell.log_gazetteer) < ln({{ var('boundary_own_ratio') }}),
                null, cell.log_people
            ) as log_people
        ),
        spread.middle,
        {{ var('per_person_sigmas') }} * spread.sigma as reach
    from cell
    left join spread using (source_id, indicator, spatial_unit)
)

select
    held.cell_id,
    'implausible_per_person' as reason
from held
left join {{ ref('int_city__evidence') }} as evidence
    using (source_id, indicator, spatial_unit, city_id)
where
    coalesce(held.log_gazetteer, held.log_people) is not null
    and coalesce({{ is_impossible_for('held.log_gazetteer') }}, true)
    and coalesce({{ is_impossible_for('held.log_people') }}, true)
    and not coalesce(
        abs(held.log_value - evidence.middle) <= ln({{ var('evidence_max_ratio') }}), false
    )
