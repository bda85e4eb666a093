-- One row per cell (cell_id) between two years of its series on one line, or one curve of constant
-- growth, with at least two years more: nobody counts that. It was computed from the ends.
with cell as (
    select
        cell_id,
        source_id,
        indicator,
        spatial_unit,
        city_id,
        time_period::integer as year,
        obs_value
    from {{ ref('int_cell__comparable') }}
    where
        (value_kind = 'flow' or (value_kind = 'stock' and unit_measure = 'persons'))
        and freq = 'A' and time_period ~ '\d{4}'
        and obs_value > 0 and obs_value < 1e18
),

stepped as (
    select
        *,
        obs_value - lag(obs_value) over in_time as step,
        ln(obs_value / lag(obs_value) over in_time) as growth,
        year - lag(year) over in_time = 1 as is_next
    from cell
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by year
    )
),

-- Whether the step to a year is the one before it again.
repeated as (
    select
        *,
        is_next and lag(is_next) over in_time and (
            abs(step - lag(step) over in_time) <= {{ var('interpolated_rounding') }}
            and abs(step) > 100 * {{ var('interpolated_rounding') }}
            or abs(growth - lag(growth) over in_time) <= {{ var('interpolated_growth_rounding') }}
            and abs(growth) > 100 * {{ var('interpolated_growth_rounding') }}
        ) as is_repeated
    from stepped
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by year
    )
),

continued as (
    select
        cell_id,
        obs_value,
        is_repeated,
        lead(is_repeated) over in_time as is_next_repeated,
        lead(is_repeated, 2) over in_time as is_second_repeated
    from repeated
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by year
    )
)

select cell_id
from continued
where
    is_next_repeated and (is_repeated or is_second_repeated)
    -- Round figures lie on lines by chance.
    and {{ digits('obs_value') }} >= {{ var('interpolated_min_digits') }}
