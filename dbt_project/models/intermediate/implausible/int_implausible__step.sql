-- One row per cell (cell_id) × reason: a lone slip in time, against the city's own other values.
with compared as (
    select
        *,
        if(value_before > 0, ln(value_before), null) as log_before,
        if(value_after > 0, ln(value_after), null) as log_after
    from {{ ref('int_cell__neighbour') }}
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
