-- One row per source × indicator × spatial unit × frequency × country × stretch between two shared
-- steps: its level, and the level it should have (`right_level`) where it is the wrong side of a
-- step: far from all other countries where another stretch is not, or between two that agree.
with stretch as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        country_iso2,
        stretch,
        median(log_level) as log_level,
        count(distinct time_period) as periods,
        count(*) / count(distinct time_period) as cities
    from {{ ref('int_country__stretch_cell') }}
    where log_level is not null
    group by all
),

country as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        country_iso2,
        median(log_level) as log_level
    from {{ ref('int_cell__neighbour') }}
    semi join stretch using (source_id, indicator, spatial_unit, freq)
    where log_level is not null
    group by all
),

world as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        median(log_level) as middle,
        greatest(1.4826 * mad(log_level), {{ var('country_level_min_sigma') }}) as sigma
    from country
    group by all
    having count(*) >= {{ var('country_level_min_countries') }}
),

placed as (
    select
        stretch.*,
        abs(stretch.log_level - world.middle) / world.sigma as distance,
        lag(stretch.log_level) over in_time as level_before,
        lead(stretch.log_level) over in_time as level_after
    from stretch
    left join world using (source_id, indicator, spatial_unit, freq)
    window in_time as (
        partition by source_id, indicator, spatial_unit, freq, country_iso2 order by stretch
    )
),

compared as (
    select
        *,
        (level_before + level_after) / 2 as level_around,
        min(distance) over in_country as best_distance,
        arg_min(log_level, distance) over in_country as best_level,
        sum(periods) over in_country as all_periods
    from placed
    window in_country as (
        partition by source_id, indicator, spatial_unit, freq, country_iso2
    )
)

select
    source_id,
    indicator,
    spatial_unit,
    freq,
    country_iso2,
    stretch,
    log_level,
    case
        when
            abs(level_before - level_after) <= ln({{ var('country_step_min') }})
            and abs(log_level - level_around) >= ln({{ var('country_step_wrong') }})
            and periods * 2 <= all_periods
            then level_around
        when
            -- The level of many cities is a sure one.
            distance >= if(
                cities >= {{ var('country_level_many') }},
                {{ var('country_level_sigmas_of_many') }}, {{ var('country_level_sigmas') }}
            )
            and distance - best_distance >= {{ var('country_level_lead') }}
            and abs(log_level - best_level) >= ln({{ var('country_step_wrong') }})
            then best_level
    end as right_level
from compared
