-- One row per observation (source_id, indicator, spatial_unit, city_id, time_period) before which
-- its series changes what it is about: never compare across it. `break_kind` is 'boundary' (another
-- area), 'definition' (the source itself says so) or 'unexplained' (a country steps as a whole).
with observation as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.time_period,
        cell.freq,
        cell.obs_value,
        cell.obs_status,
        indicator.gazetteer_comparable or indicator.population_hint as is_population,
        -- People and their parts: they hardly change from year to year but with the boundary.
        indicator.value_kind = 'stock' and indicator.unit_measure = 'persons'
        and cell.freq = 'A' and cell.time_period ~ '\d{4}' as is_people
    from {{ ref('int_observation') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where cell.point is null and cell.city_id is not null
),

people as (
    select
        *,
        time_period::integer as year,
        ln(obs_value) as log_value
    from observation
    where is_people and obs_value > 0
),

step as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        time_period,
        is_population,
        year - lag(year) over in_time as years,
        log_value - lag(log_value) over in_time as log_step,
        (lag(log_value) over in_time - lag(log_value, 2) over in_time)
        / (lag(year) over in_time - lag(year, 2) over in_time) as growth_before,
        (lead(log_value) over in_time - log_value)
        / (lead(year) over in_time - year) as growth_after
    from people
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id order by year
    )
),

-- One step between two calm sides: a merger, a reform, another delimitation.
hop as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        time_period,
        -- Where the inhabitants hop, it is the boundary, and their parts hop with them.
        if(bool_or(is_population) over same_city, 'boundary', 'unexplained') as break_kind
    from step
    where
        abs(log_step) > ln({{ var('hop_min') }})
        and abs(log_step) / years > {{ var('hop_min_per_year') }}
        and coalesce(growth_before, growth_after) is not null
        and coalesce(abs(growth_before), 0) < {{ var('calm_growth') }}
        and coalesce(abs(growth_after), 0) < {{ var('calm_growth') }}
        and (
            (growth_before is not null and growth_after is not null)
            -- At an end of a series one side has to do; then the step must be sudden.
            or years <= {{ var('hop_years_at_end') }}
        )
    window same_city as (partition by source_id, spatial_unit, city_id, time_period)
),

stretch as (
    select
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.time_period,
        abs(cell.log_value - lag(cell.log_value) over in_time) as own_step,
        abs(stretch.log_level - lag(stretch.log_level) over in_time) as country_step
    from {{ ref('int_country__stretch_cell') }} as cell
    inner join {{ ref('int_country__stretch') }} as stretch
        using (source_id, indicator, spatial_unit, freq, country_iso2, stretch)
    semi join observation on observation.cell_id = cell.cell_id
    window in_time as (
        partition by cell.source_id, cell.indicator, cell.spatial_unit, cell.city_id, cell.freq
        order by cell.time_period
    )
),

-- Ten times the level before, in a series that is calm otherwise.
decimal as (
    select
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        cell.time_period,
        -- The next run but one is on the old level: between them was a slip.
        cell.run - lag(cell.run) over (
            partition by
                cell.source_id, cell.indicator, cell.spatial_unit, cell.city_id, cell.freq
            order by cell.time_period
        ) = 1 as is_jump
    from {{ ref('int_city__decimal_run') }} as cell
    semi join observation on observation.cell_id = cell.cell_id
    qualify is_jump
),

found as (
    from hop
    union all
    select
        *,
        'boundary' as break_kind
    from {{ ref('int_series__seam') }}
    union all
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        time_period,
        'definition' as break_kind
    from observation
    where obs_status = 'B'
    union all
    select
        * exclude (own_step, country_step),
        'unexplained' as break_kind
    from stretch
    where own_step > ln({{ var('country_step_min') }}) and country_step > ln({{ var('hop_min') }})
    union all
    select
        * exclude (is_jump),
        'unexplained' as break_kind
    from decimal
)

select
    source_id,
    indicator,
    spatial_unit,
    city_id,
    time_period,
    -- In the order of the alphabet: what says most comes first.
    min(break_kind) as break_kind
from found
group by all
