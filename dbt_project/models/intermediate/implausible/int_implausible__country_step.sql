-- One row per cell (cell_id) on the wrong side of a step that a whole country takes. Where it
-- cannot be told which side that is, the step is a break (int_series_break).
with wrong as (
    select * from {{ ref('int_country__stretch') }}
    where right_level is not null
),

-- The city's own level beside the wrong stretches, if it has any.
own as (
    select
        source_id,
        indicator,
        spatial_unit,
        freq,
        city_id,
        median(log_value) as log_value
    from {{ ref('int_country__stretch_cell') }}
    anti join wrong using (source_id, indicator, spatial_unit, freq, country_iso2, stretch)
    group by all
)

-- Not every city steps with its country: each cell is compared with both levels.
select
    cell.cell_id,
    'country_step' as reason
from {{ ref('int_country__stretch_cell') }} as cell
inner join wrong using (source_id, indicator, spatial_unit, freq, country_iso2, stretch)
left join own using (source_id, indicator, spatial_unit, freq, city_id)
where
    abs(coalesce(cell.log_value - own.log_value, cell.log_level - wrong.right_level))
    > abs(wrong.log_level - wrong.right_level) / 2
union all
-- A country sends its cities and greater cities in one file: what is wrong of one boundary is so in
-- the same periods of others, which may have too few cities, or years, to show a step. What grows
-- with a city says so less exactly, as the gazetteer's people are the town's.
select
    cell.cell_id,
    'country_step' as reason
from {{ ref('int_cell__neighbour') }} as cell
inner join (
    select
        wrong.source_id,
        wrong.indicator,
        wrong.spatial_unit,
        wrong.freq,
        wrong.country_iso2,
        wrong.log_level,
        wrong.right_level,
        min(stretch_cell.time_period) as first_period,
        max(stretch_cell.time_period) as last_period
    from wrong
    inner join {{ ref('int_country__stretch_cell') }} as stretch_cell
        using (source_id, indicator, spatial_unit, freq, country_iso2, stretch)
    group by all
) as wrong using (source_id, indicator, freq, country_iso2)
where
    cell.spatial_unit != wrong.spatial_unit
    and (
        cell.value_kind not in ('stock', 'flow')
        or abs(wrong.log_level - wrong.right_level) >= ln({{ var('country_step_clear') }})
    )
    and cell.time_period between wrong.first_period and wrong.last_period
    and abs(cell.log_level - wrong.log_level) < abs(cell.log_level - wrong.right_level)
    -- A boundary that steps by itself is judged by itself.
    and cell.cell_id not in (
        select stepped.cell_id from {{ ref('int_country__stretch_cell') }} as stepped
    )
