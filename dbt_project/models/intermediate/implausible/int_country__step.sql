-- One row per source × indicator × spatial unit × frequency × country × period in which most cities
-- of the country leave their level in one direction by a like factor, and other countries do not: a
-- country has begun to send another unit or another definition.
with step as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        time_period,
        country_iso2,
        log_value - ln(value_before) as step
    from {{ ref('int_cell__neighbour') }}
    -- Counted days (of heat, of ozone) leap in whole countries, with the weather.
    where value_before > 0 and log_value is not null and value_kind not in ('count', 'normal')
),

in_country as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        time_period,
        country_iso2,
        median(step) as step
    from step
    group by all
    having count(*) >= {{ var('country_step_min_cities') }}
),

-- How far countries usually move from one period to the next.
usual as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        1.4826 * mad(step) as sigma
    from in_country
    group by all
),

suspect as (
    select in_country.*
    from in_country
    where abs(step) > ln({{ var('country_step_min') }})
),

-- Where all countries step (a year without visitors), only what is more than theirs counts.
abroad as (
    select
        suspect.source_id,
        suspect.indicator,
        suspect.spatial_unit,
        suspect.freq,
        suspect.time_period,
        suspect.country_iso2,
        median(step.step) as step
    from suspect
    inner join step using (source_id, indicator, spatial_unit, freq, time_period)
    where step.country_iso2 != suspect.country_iso2
    group by all
    having count(*) >= {{ var('country_step_min_others') }}
)

select
    step.source_id,
    step.indicator,
    step.spatial_unit,
    step.freq,
    step.country_iso2,
    step.time_period,
    median(step.step - coalesce(abroad.step, 0)) as log_step
from step
inner join suspect using (source_id, indicator, spatial_unit, freq, time_period, country_iso2)
left join abroad using (source_id, indicator, spatial_unit, freq, time_period, country_iso2)
inner join usual using (source_id, indicator, spatial_unit, freq)
group by all
-- Three quarters of the cities, in one direction, and further than countries usually move.
having
    greatest(
        quantile_cont(step.step - coalesce(abroad.step, 0), 0.25),
        -quantile_cont(step.step - coalesce(abroad.step, 0), 0.75)
    ) > ln({{ var('country_step_min') }})
    and abs(log_step) > {{ var('country_step_sigmas') }} * any_value(usual.sigma)
