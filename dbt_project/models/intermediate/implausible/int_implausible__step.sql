-- One row per cell (cell_id) × reason: a lone slip in time, against the city's own other values.
with neighbours as (
    select
        cell_id,
        city_id,
        source_id,
        indicator,
        spatial_unit,
        freq,
        obs_value,
        log_value,
        max_step,
        lag(obs_value) over in_time as value_before,
        lead(obs_value) over in_time as value_after
    from {{ ref('int_cell__comparable') }}
    where max_step is not null
    window in_time as (
        partition by city_id, indicator, source_id, spatial_unit, freq order by time_period
    )
),

compared as (
    select
        *,
        if(value_before > 0, ln(value_before), null) as log_before,
        if(value_after > 0, ln(value_after), null) as log_after
    from neighbours
),

-- Growth is steady; a slip has an edge. Only series with an edge need a median.
edged as (
    select distinct
        city_id,
        indicator,
        source_id,
        spatial_unit
    from compared
    where abs(log_value - log_before) > ln({{ var('own_median_steps') }})
),

own as (
    select
        city_id,
        indicator,
        source_id,
        spatial_unit,
        freq,
        median(log_value) as middle
    from compared
    semi join edged using (city_id, indicator, source_id, spatial_unit)
    group by all
    having count(log_value) >= 5
)

select
    cell_id,
    'implausible_step' as reason
from compared
where
    abs(log_before - log_after) <= ln({{ var('neighbour_agreement') }})
    -- Against the geometric mean of both: a misplaced decimal point is ten times that.
    and abs(log_value - (log_before + log_after) / 2) >= ln(max_step)
union all
-- A zero among values that are none is a placeholder.
select
    cell_id,
    'implausible_zero' as reason
from compared
where
    obs_value = 0
    and least(value_before, value_after) >= {{ var('zero_min_neighbour') }}
union all
-- Where values slip in a row, or at the end, the city's own median tells.
select
    compared.cell_id,
    'implausible_for_city' as reason
from compared
inner join own using (city_id, indicator, source_id, spatial_unit, freq)
where
    abs(compared.log_value - own.middle)
    > ln(compared.max_step * {{ var('own_median_steps') }})
