-- One row per cell (cell_id) of a figure that stands for the year after as well, to the last digit.
-- People and what happens in a year are hardly ever twice the same number of six digits, nor one of
-- three in most cities of a country at once: it was carried from one year to the other. Nothing
-- says from which, so the first is doubtful and the others are none; of a compiler's own estimates
-- of three years and more, all are none. What models make lies flat by itself, but a count's figure
-- is no estimate of the year after.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        city.country_iso2,
        cell.time_period::integer as year,
        cell.obs_value,
        cell.obs_status,
        cell.obs_status in ('E', 'F') and source.authority = 'official' as is_modelled,
        {{ digits('cell.obs_value') }} as digits
    from {{ ref('int_cell__comparable') }} as cell
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    inner join {{ source('raw', 'source') }} as source on source.source_id = cell.source_id
    -- What comes again from a block whose rows changed places proves its own year.
    left join {{ ref('int_implausible__scrambled') }} as scrambled
        on scrambled.cell_id = cell.cell_id
    where
        scrambled.cell_id is null
        and (
            cell.value_kind = 'flow'
            or (cell.value_kind = 'stock' and cell.unit_measure = 'persons')
        )
        and cell.freq = 'A' and cell.time_period ~ '\d{4}'
        and abs(cell.obs_value) < 1e18
        and {{ digits('cell.obs_value') }} >= {{ var('carried_block_digits') }}
),

beside as (
    select
        *,
        year - lag(year) over in_time as years,
        obs_value = lag(obs_value) over in_time
        and not (is_modelled and lag(is_modelled) over in_time)
        and year - lag(year) over in_time <= {{ var('carried_max_years') }} as is_repeated,
        obs_value = lead(obs_value) over in_time
        and not (is_modelled and lead(is_modelled) over in_time)
        and lead(year) over in_time - year <= {{ var('carried_max_years') }} as is_repeated_after,
        obs_value = lead(obs_value) over in_time
        and obs_value = lead(obs_value, 2) over in_time
        and lead(year) over in_time - year <= {{ var('carried_max_years') }} as is_repeated_twice
    from cell
    window in_time as (
        partition by source_id, indicator, spatial_unit, city_id
        order by year
    )
),

block as (
    select
        source_id,
        indicator,
        country_iso2,
        year
    from beside
    where years is not null
    group by all
    having
        count(*) filter (where is_repeated) >= {{ var('carried_block_cities') }}
        and avg(is_repeated::integer) >= {{ var('carried_block_share') }}
),

carried as (
    select
        beside.*,
        block.source_id is not null as is_block,
        lead(block.source_id is not null) over in_time as is_block_after
    from beside
    left join block using (source_id, indicator, country_iso2, year)
    window in_time as (
        partition by beside.source_id, beside.indicator, beside.spatial_unit, beside.city_id
        order by beside.year
    )
)

select
    cell_id,
    coalesce(is_repeated and (is_block or digits >= {{ var('carried_min_digits') }}), false)
    or coalesce(
        is_repeated_twice and obs_status = 'E' and not is_modelled
        and digits >= {{ var('carried_min_digits') }}, false
    ) as is_none
from carried
where
    (is_repeated and (is_block or digits >= {{ var('carried_min_digits') }}))
    or (is_repeated_after and (is_block_after or digits >= {{ var('carried_min_digits') }}))
