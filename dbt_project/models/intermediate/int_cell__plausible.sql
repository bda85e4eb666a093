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
        value_form != 'presence'
        and abs(before - after) <= ln({{ var('neighbour_agreement') }})
        -- Against the geometric mean of both: a misplaced decimal point is ten times that.
        and abs(log_value - (before + after) / 2) >= ln(max_step) as is_slip,
        value_form != 'presence'
        and spread.cities >= {{ var('outlier_min_cities') }}
        and abs(log_value - spread.middle)
        > {{ var('outlier_sigmas') }} * spread.sigma as is_outlier
    from neighbours
    left join spread using (source_id, indicator, spatial_unit, time_period)
)

select
    * exclude (disposition, reason, is_slip, is_outlier, before, after, log_value),
    if(coalesce(is_slip, false) or coalesce(is_outlier, false), 'rejected', null) as disposition,
    case
        when coalesce(is_slip, false) then 'implausible_step'
        when coalesce(is_outlier, false) then 'implausible_outlier'
    end as reason
from judged
