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
