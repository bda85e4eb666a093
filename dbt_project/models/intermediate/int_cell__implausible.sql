-- One row per cell (cell_id) that is a lone slip in time, or impossible beside all other cities.
with living as (
    select
        cell.*,
        if(cell.obs_value > 0, ln(cell.obs_value), null) as log_value,
        city.gazetteer_population,
        indicator.per_person_min,
        indicator.per_person_max,
        indicator.value_kind,
        -- What grows with the city is compared per head: there cities differ far less. Populations
        -- reach back to when today's cities were villages; they have a rule of their own below.
        case
            when indicator.value_kind in ('stock', 'flow') and cell.indicator != 'population'
                then log_value - ln(city.gazetteer_population)
        end as log_per_person
    from {{ ref('int_cell__distinct') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    inner join {{ source('raw', 'indicator') }} as indicator
        on indicator.indicator = cell.indicator
    where cell.point is null
),

neighbours as (
    select
        cell_id,
        city_id,
        source_id,
        indicator,
        spatial_unit,
        time_period,
        obs_value,
        max_step,
        gazetteer_population,
        per_person_min,
        per_person_max,
        value_kind,
        log_value,
        log_per_person,
        lag(log_value) over in_time as before,
        lead(log_value) over in_time as after,
        lag(obs_value) over in_time as value_before,
        lead(obs_value) over in_time as value_after,
        if(count(log_value) over own >= 5, median(log_value) over own, null) as own_middle
    from living
    window
        in_time as (
            partition by city_id, indicator, source_id, spatial_unit, freq order by time_period
        ),
        own as (partition by city_id, indicator, source_id, spatial_unit, freq)
),

edged as (
    select
        *,
        -- Growth is steady; a slip has an edge.
        max(abs(log_value - before)) over (
            partition by city_id, indicator, source_id, spatial_unit
        ) as largest_edge
    from neighbours
),

centre as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        median(log_value) as middle
    from living
    where log_value is not null
    group by all
    having count(distinct city_id) >= {{ var('outlier_min_cities') }}
),

spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        any_value(middle) as middle,
        -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
        -- The floor keeps series that nearly agree (shares close to 100 %) from having outliers.
        greatest(
            1.4826 * median(abs(log_value - middle)), {{ var('outlier_min_sigma') }}
        ) as sigma
    from living
    inner join centre using (source_id, indicator, spatial_unit, time_period)
    group by all
),

centre_per_person as (
    select
        source_id,
        indicator,
        spatial_unit,
        median(log_per_person) as middle
    from living
    where log_per_person is not null
    group by all
    having count(distinct city_id) >= {{ var('outlier_min_cities') }}
),

spread_per_person as (
    select
        source_id,
        indicator,
        spatial_unit,
        any_value(middle) as middle,
        greatest(
            1.4826 * median(abs(log_per_person - middle)), {{ var('per_person_min_sigma') }}
        ) as sigma
    from living
    inner join centre_per_person using (source_id, indicator, spatial_unit)
    group by all
),

-- Where values begin that are neither zero nor one, and how rare those two are.
usual as (
    select
        source_id,
        indicator,
        spatial_unit,
        quantile_cont(obs_value, 0.02) filter (where obs_value not in (0, 1)) as low_end
    from living
    group by all
    having
        count(distinct city_id) >= {{ var('outlier_min_cities') }}
        and avg((obs_value in (0, 1))::int) <= {{ var('placeholder_max_share') }}
),

judged as (
    select
        edged.cell_id,
        case
            when
                abs(before - after) <= ln({{ var('neighbour_agreement') }})
                -- Against the geometric mean of both: a misplaced decimal point is ten times that.
                and abs(log_value - (before + after) / 2) >= ln(max_step)
                then 'implausible_step'
            when abs(log_value - spread.middle) > {{ var('outlier_sigmas') }} * spread.sigma
                then 'implausible_outlier'
            when
                obs_value / gazetteer_population < per_person_min
                or obs_value / gazetteer_population > per_person_max
                then 'implausible_per_person'
            when
                abs(log_per_person - spread_per_person.middle)
                > {{ var('per_person_sigmas') }} * spread_per_person.sigma
                then 'implausible_per_person'
            -- Of flows and counts there may be none or one; of shares, sizes and prices that are
            -- far from it everywhere else, a zero or a one stands for "unknown".
            when
                obs_value in (0, 1) and value_kind not in ('flow', 'count')
                and low_end >= {{ var('placeholder_min_low_end') }}
                then 'implausible_placeholder'
            -- A zero among values that are none is a placeholder.
            when
                obs_value = 0 and max_step is not null
                and least(value_before, value_after) >= {{ var('zero_min_neighbour') }}
                then 'implausible_zero'
            -- Where values slip in a row, or at the end, the city's own middle tells.
            when
                abs(log_value - own_middle) > ln(max_step * {{ var('own_median_steps') }})
                and largest_edge > ln({{ var('own_median_steps') }})
                then 'implausible_for_city'
            -- A metropolis' population under the name of a small town, or a village's under that of
            -- a metropolis: a homonym or a slip, not growth.
            when
                indicator = 'population' and spatial_unit = 'city_proper'
                and obs_value / gazetteer_population
                not between {{ var('gazetteer_min_ratio') }} and {{ var('gazetteer_max_ratio') }}
                then 'contradicts_gazetteer'
            -- Wider boundaries hold more, but not that much more.
            when
                indicator = 'population' and spatial_unit in ('urban_agglomeration', 'greater_city')
                and obs_value / gazetteer_population
                > {{ var('gazetteer_max_ratio') }} * {{ var('wider_boundary_ratio') }}
                then 'contradicts_gazetteer'
        end as reason
    from edged
    left join spread using (source_id, indicator, spatial_unit, time_period)
    left join spread_per_person using (source_id, indicator, spatial_unit)
    left join usual using (source_id, indicator, spatial_unit)
)

select
    cell_id,
    'rejected' as disposition,
    reason
from judged
where reason is not null
