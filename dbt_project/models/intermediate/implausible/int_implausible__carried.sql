-- One row per cell (cell_id) that repeats the figure of the year before to the last digit. People
-- and what happens in a year are never twice the same number of five digits: it was carried from
-- another year. The first one stays, but where a compiler writes its own estimates: there, nothing
-- says which of the years the figure is of.
with cell as (
    select
        cell_id,
        source_id,
        indicator,
        spatial_unit,
        city_id,
        time_period::integer as year,
        obs_value,
        obs_status
    from {{ ref('int_cell__comparable') }}
    where
        (value_kind = 'flow' or (value_kind = 'stock' and unit_measure = 'persons'))
        and freq = 'A' and time_period ~ '\d{4}'
        and abs(obs_value) < 1e18
        and {{ digits('obs_value') }} >= {{ var('carried_min_digits') }}
),

beside as (
    select
        *,
        obs_value = lag(obs_value) over in_time
        and year - lag(year) over in_time <= {{ var('carried_max_years') }} as is_repeated,
        obs_value = lead(obs_value) over in_time
        and lead(year) over in_time - year <= {{ var('carried_max_years') }} as is_repeated_after
    from cell
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by year
    )
)

select
    cell_id,
    'carried_figure' as reason
from beside
where is_repeated or (is_repeated_after and obs_status = 'E')
