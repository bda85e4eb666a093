-- One row per cell (cell_id) × reason: a slip in time, against the city's own other values.
with compared as (
    select
        *,
        if(value_before > 0, ln(value_before), null) as log_before,
        if(value_after > 0, ln(value_after), null) as log_after,
        -- Against the geometric mean of both: a misplaced decimal point is ten times that.
        if(
            abs(log_before - log_after) <= ln({{ var('neighbour_agreement') }}),
            log_value - (log_before + log_after) / 2, null
        ) as deviation
    from {{ ref('int_cell__neighbour') }}
),

suspect as (
    select * from compared
    where abs(deviation) >= ln(max_step)
),

-- How far all cities leave their neighbours in that period.
period as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        time_period,
        median(deviation) as deviation,
        greatest(
            quantile_cont(deviation, 0.25), -quantile_cont(deviation, 0.75)
        ) as most_deviate
    from compared
    semi join suspect using (source_id, indicator, spatial_unit, freq, time_period)
    where deviation is not null
    group by all
    having count(*) >= {{ var('period_slip_min_cities') }}
),

-- A zero among values that are none is a placeholder. What happens or is there may be none in the
-- end (a cinema that closed); a price may not.
zero as (
    select
        cell_id,
        city_id,
        indicator,
        source_id,
        spatial_unit,
        value_kind,
        coalesce(
            least(value_before, value_after) >= {{ var('zero_min_neighbour') }}
            and (
                abs(log_before - log_after) <= ln({{ var('neighbour_agreement') }})
                or (
                    value_kind not in ('stock', 'flow', 'count')
                    and coalesce(log_before, log_after) is not null
                )
            ), false
        ) as is_suspect
    from compared
    where obs_value = 0
),

-- Growth is steady; a slip has an edge. Only series with an edge need a median. Where a country
-- steps as a whole, int_implausible__country_step judges.
edged as (
    select distinct
        city_id,
        indicator,
        source_id,
        spatial_unit
    from compared
    anti join {{ ref('int_country__stretch_cell') }} as stretch
        on stretch.cell_id = compared.cell_id
    where abs(log_value - log_before) > ln({{ var('own_median_edge') }})
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
    suspect.cell_id,
    'implausible_step' as reason
from suspect
left join period using (source_id, indicator, spatial_unit, freq, time_period)
-- What all cities do in that year (no visitors, no guests) is no slip of one.
where
    abs(suspect.deviation)
    - if(sign(suspect.deviation) = sign(period.deviation), abs(period.deviation), 0)
    >= ln(suspect.max_step)
union all
-- All of a period: the figures of another year, or in another unit.
select
    compared.cell_id,
    'period_slip' as reason
from compared
inner join period using (source_id, indicator, spatial_unit, freq, time_period)
where
    abs(period.deviation) >= ln({{ var('period_slip_min') }})
    and period.most_deviate >= ln({{ var('country_step_min') }})
union all
select
    zero.cell_id,
    'implausible_zero' as reason
from zero
left join zero as another
    on
        another.city_id = zero.city_id and another.indicator = zero.indicator
        and another.source_id = zero.source_id and another.spatial_unit = zero.spatial_unit
        and another.cell_id != zero.cell_id
where
    zero.is_suspect
    -- A museum that is closed in one year may be so in another.
    and (another.cell_id is null or zero.value_kind not in ('stock', 'flow', 'count'))
group by zero.cell_id
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
    -- One library is no level: it may be the one system that has three hundred branches.
    and own.middle != 0
    -- And a metropolis may have been a village a century ago.
    and compared.time_period >= '{{ var("gazetteer_evidence_from") }}'
