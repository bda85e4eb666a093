-- One row per source × indicator × country × run of one to three years in which the cities of the
-- country, whatever their boundary, leave by a like factor what the years on both sides agree on,
-- while other countries do not: months that are missing, another definition for a year.
with yearly as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        country_iso2,
        try_cast(time_period as integer) as year,
        log_value,
        ln(max_step) as log_max_step,
        row_number() over in_time as nth,
        lag(log_value) over in_time as log_before,
        lag(try_cast(time_period as integer)) over in_time as year_before
    from {{ ref('int_cell__neighbour') }}
    where
        freq = 'A' and log_value is not null and value_kind not in ('count', 'normal')
        and try_cast(time_period as integer) is not null
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by try_cast(time_period as integer)
    )
),

step as (
    select
        source_id,
        indicator,
        country_iso2,
        year,
        any_value(log_max_step) * {{ var('excursion_min_share') }} as min_step,
        median(log_value - log_before) as step,
        count(*) as cities
    from yearly
    where log_before is not null
    group by all
    having count(*) >= {{ var('country_step_min_cities') }}
),

-- A year without visitors is one in all countries.
suspect as (
    select
        step.source_id,
        step.indicator,
        step.country_iso2,
        step.year as first_year,
        step.min_step
    from step
    inner join step as abroad
        on
            abroad.source_id = step.source_id and abroad.indicator = step.indicator
            and abroad.year = step.year and abroad.country_iso2 != step.country_iso2
    where
        step.cities >= {{ var('excursion_min_cities') }}
        and abs(step.step) > step.min_step
    group by all
    having
        count(*) >= {{ var('excursion_min_countries') }}
        and quantile_cont(sign(step.step) * abroad.step, 0.9)
        < any_value(abs(step.step)) * {{ var('excursion_agreement') }}
),

-- How far every year of a run is, at least, from the middle of the years around it.
run as (
    select
        suspect.source_id,
        suspect.indicator,
        suspect.country_iso2,
        suspect.first_year,
        suspect.min_step,
        first.spatial_unit,
        first.city_id,
        length.periods,
        max(member.year) as last_year,
        any_value(after.log_value - first.log_before) as drift,
        any_value((after.log_value + first.log_before) / 2) as middle,
        greatest(min(member.log_value) - middle, 0)
        + least(max(member.log_value) - middle, 0) as departure
    from suspect
    inner join yearly as first
        on
            first.source_id = suspect.source_id and first.indicator = suspect.indicator
            and first.country_iso2 = suspect.country_iso2 and first.year = suspect.first_year
    cross join (
        select unnest(range(1, 1 + {{ var('excursion_max_periods') }})) as periods
    ) as length
    inner join yearly as after
        on
            after.source_id = first.source_id and after.indicator = first.indicator
            and after.spatial_unit = first.spatial_unit and after.city_id = first.city_id
            and after.nth = first.nth + length.periods
    inner join yearly as member
        on
            member.source_id = first.source_id and member.indicator = first.indicator
            and member.spatial_unit = first.spatial_unit and member.city_id = first.city_id
            and member.nth >= first.nth and member.nth < after.nth
    where first.year - first.year_before <= {{ var('excursion_max_years') }}
    group by all
    having
        any_value(after.year) - max(member.year) <= {{ var('excursion_max_years') }}
)

select
    source_id,
    indicator,
    country_iso2,
    first_year,
    last_year,
    median(departure) as departure
from run
group by source_id, indicator, country_iso2, first_year, last_year
having
    count(*) >= {{ var('excursion_min_cities') }}
    and abs(median(departure)) > any_value(min_step)
    and mad(departure) < abs(median(departure)) * {{ var('excursion_agreement') }}
    and abs(median(drift)) < abs(median(departure)) * {{ var('excursion_agreement') }}
    -- Two thirds of the cities, in one direction.
    and greatest(quantile_cont(departure, 0.33), -quantile_cont(departure, 0.67))
    > abs(median(departure)) * {{ var('excursion_agreement') }}
