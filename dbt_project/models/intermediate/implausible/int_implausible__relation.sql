-- One row per cell (cell_id) × reason of figures of one source, city and period that contradict
-- each other, as the code list `indicator_relation` relates them: a part above its whole, or a rate
-- that implies other inhabitants than the city has. Which of both is wrong is not known.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.time_period,
        cell.obs_value
    from {{ ref('int_cell__comparable') }} as cell
    where
        cell.indicator in (
            select relation.indicator from {{ source('raw', 'indicator_relation') }} as relation
            union
            select relation.other from {{ source('raw', 'indicator_relation') }} as relation
        )
),

pair as (
    select
        cell.cell_id,
        other.cell_id as other_cell_id,
        cell.city_id,
        cell.spatial_unit,
        cell.time_period,
        relation.relation,
        relation.denominator,
        relation.factor,
        cell.obs_value,
        other.obs_value as other_value,
        if(
            cell.obs_value > 0, other.obs_value * relation.factor / cell.obs_value, null
        ) as implied
    from {{ source('raw', 'indicator_relation') }} as relation
    inner join cell on cell.indicator = relation.indicator
    inner join cell as other
        on
            other.indicator = relation.other and other.source_id = cell.source_id
            and other.city_id = cell.city_id and other.spatial_unit = cell.spatial_unit
            and other.time_period = cell.time_period
),

inhabitants as (
    select
        cell.indicator,
        cell.city_id,
        cell.spatial_unit,
        cell.time_period,
        median(cell.obs_value) as inhabitants
    from {{ ref('int_cell__comparable') }} as cell
    semi join {{ source('raw', 'indicator_relation') }} as relation
        on relation.denominator = cell.indicator
    semi join pair using (city_id, spatial_unit, time_period)
    group by all
),

contradiction as (
    select
        cell_id,
        other_cell_id,
        'part_exceeds_whole' as reason
    from pair
    where
        relation = 'part'
        -- What the whole leaves out by its definition, a part may have.
        and obs_value > {{ var('part_tolerance') }} * coalesce(factor, 1) * other_value
    union all
    select
        pair.cell_id,
        pair.other_cell_id,
        'rate_contradicts_parts' as reason
    from pair
    inner join {{ ref('int_city') }} as city on city.city_id = pair.city_id
    left join inhabitants
        on
            inhabitants.indicator = pair.denominator and inhabitants.city_id = pair.city_id
            and inhabitants.spatial_unit = pair.spatial_unit
            and inhabitants.time_period = pair.time_period
    where
        pair.relation = 'rate'
        and pair.implied > 0
        -- A rate of one or two is rounded by half.
        and pair.obs_value >= {{ var('rate_tolerance') }}
        and if(
            inhabitants.inhabitants > 0,
            abs(ln(pair.implied / inhabitants.inhabitants)) > ln({{ var('rate_tolerance') }}),
            {{ is_evidence('city.gazetteer_population', 'pair.time_period') }}
            -- A wider boundary may hold any number more than the town.
            and if(
                pair.spatial_unit = 'city_proper',
                abs(ln(pair.implied / city.gazetteer_population)),
                ln(city.gazetteer_population / pair.implied)
            ) > ln({{ var('rate_gazetteer_tolerance') }})
        )
)

select
    unnest([cell_id, other_cell_id]) as cell_id,
    reason
from contradiction
