-- One row per distinct living cell: lone slips in time, and values impossible beside all
-- other cities.
with living as (
    select
        *,
        if(obs_value > 0, ln(obs_value), null) as log_value
    from {{ ref('int_cell__deduplicated') }}
    where disposition is null
),

neighbours as (
    select
        *,
        lag(log_value) over in_time as before,
        lead(log_value) over in_time as after
    from living
    window in_time as (
        partition by city_id, indicator, source_id, spatial_unit, freq order by time_period
    )
),

centre as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        count(distinct city_id) as cities,
        median(log_value) as middle
    from living
    where log_value is not null
    group by all
),

spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        any_value(centre.cities) as cities,
        any_value(middle) as middle,
        -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
        -- The floor keeps series that nearly agree (shares close to 100 %) from having outliers.
        greatest(1.4826 * median(abs(log_value - middle)), {{ var('outlier_min_sigma') }}) as sigma
    from living
    inner join centre using (source_id, indicator, spatial_unit, time_period)
    group by all
),

judged as (
    select
        neighbours.*,
        case
            when value_form = 'presence' then null
            when
                abs(before - after) <= ln({{ var('neighbour_agreement') }})
                -- Against the geometric mean of both: a misplaced decimal point is ten times that.
                and abs(log_value - (before + after) / 2) >= ln(max_step)
                then 'implausible_step'
            when
                spread.cities >= {{ var('outlier_min_cities') }}
                and abs(log_value - spread.middle) > {{ var('outlier_sigmas') }} * spread.sigma
                then 'implausible_outlier'
            -- A metropolis' population under the name of a small town: a homonym, not growth.
            when
                indicator = 'population' and spatial_unit = 'city_proper'
                and obs_value > {{ var('gazetteer_max_ratio') }} * city.gazetteer_population
                then 'contradicts_gazetteer'
        end as objection
    from neighbours
    left join spread using (source_id, indicator, spatial_unit, time_period)
    left join {{ ref('int_city') }} as city on city.city_id = neighbours.city_id
)

select
    * exclude (disposition, reason, objection, before, after, log_value),
    if(objection is null, null, 'rejected') as disposition,
    objection as reason
from judged
