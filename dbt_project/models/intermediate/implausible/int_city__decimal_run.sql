-- One row per cell (cell_id) of a calm series that jumps by a power of ten, once or there and back:
-- the run of periods that it lies in, and whether that is a slip. Where it may be another
-- definition as well (ten times, for several periods), the jump is a break (int_series_break).
with jumping as (
    select distinct
        source_id,
        indicator,
        spatial_unit,
        freq,
        city_id
    from {{ ref('int_cell__neighbour') }}
    where
        log_value is not null and value_before > 0
        -- Counted days leap with the weather.
        and value_kind not in ('count', 'normal')
        and abs(log_value - ln(value_before)) >= ln(10) - ln({{ var('decimal_tolerance') }})
),

step as (
    select
        cell.*,
        cell.log_value - ln(cell.value_before) as step,
        round(abs(step) / ln(10)) as digits,
        coalesce(
            digits >= 1
            -- Ten times can be growth, a thousand times cannot.
            and abs(abs(step) - digits * ln(10))
            <= ln(if(digits = 1, {{ var('decimal_tolerance') }}, {{ var('decimal_calm') }}))
            and greatest(cell.obs_value, cell.value_before) >= {{ var('decimal_min_value') }}
            -- One of a kind is no level: it stands for "there is one", or for nothing.
            and least(cell.obs_value, cell.value_before) != 1
            and try_cast(left(cell.time_period, 4) as integer)
            - try_cast(left(lag(cell.time_period) over (
                partition by
                    cell.source_id, cell.indicator, cell.spatial_unit, cell.freq, cell.city_id
                order by cell.time_period
            ), 4) as integer) <= {{ var('decimal_max_years') }}, false
        ) as is_jump
    from {{ ref('int_cell__neighbour') }} as cell
    semi join jumping using (source_id, indicator, spatial_unit, freq, city_id)
    -- Where a country jumps as a whole, int_implausible__country_step judges.
    anti join {{ ref('int_country__stretch_cell') }} as stretch on stretch.cell_id = cell.cell_id
    where cell.log_value is not null and coalesce(cell.value_before, 1) > 0
),

calm as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        city_id,
        count(*) as all_cells,
        median(log_value) as usual,
        max(if(is_jump, digits, 0)) as digits
    from step
    group by all
    having
        count(*) >= {{ var('decimal_min_cells') }}
        and count_if(is_jump) between 1 and 2
        and max(if(is_jump, 0, abs(step))) <= ln({{ var('decimal_calm') }})
),

placed as (
    select
        step.cell_id,
        step.source_id,
        step.indicator,
        step.spatial_unit,
        step.freq,
        step.city_id,
        step.time_period,
        step.log_value,
        calm.all_cells,
        calm.usual,
        calm.digits,
        count_if(step.is_jump) over (
            partition by
                step.source_id, step.indicator, step.spatial_unit, step.freq, step.city_id
            order by step.time_period
        ) as run
    from step
    inner join calm using (source_id, indicator, spatial_unit, freq, city_id)
),

run as (
    select
        *,
        count(*) over this_run as cells,
        median(log_value) over this_run as level
    from placed
    window this_run as (
        partition by source_id, indicator, spatial_unit, freq, city_id, run
    )
)

select
    cell_id,
    source_id,
    indicator,
    spatial_unit,
    freq,
    city_id,
    time_period,
    run,
    -- The level of most cells is the city's.
    cells <= {{ var('decimal_max_share') }} * all_cells
    and abs(level - usual) >= ln(10) - ln({{ var('decimal_calm') }})
    and (cells = 1 or digits > 1) as is_slip
from run
