-- One row per cell (cell_id) of a block (source × indicator × country × period) whose values have
-- changed places: many are far from what the same cities have in the year before and after, in
-- another source or in the gazetteer, in both directions, and hardly go with it at all.
with cell as (
    select
        cell.cell_id,
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.country_iso2,
        cell.city_id,
        cell.time_period,
        cell.log_value,
        -- Two on each side: the next one may be of the scrambled block.
        [
            cell.log_value - lag(cell.log_value) over in_time,
            cell.log_value - lag(cell.log_value, 2) over in_time,
            cell.log_value - lead(cell.log_value) over in_time,
            cell.log_value - lead(cell.log_value, 2) over in_time
        ] as from_own,
        if(indicator.gazetteer_comparable, cell.log_level, null) as from_gazetteer
    from {{ ref('int_cell__neighbour') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    -- What is counted at a date changes slowly; what happens in a year need not.
    where cell.value_kind = 'stock' and cell.log_value is not null and cell.freq = 'A'
    window in_time as (
        partition by cell.source_id, cell.indicator, cell.spatial_unit, cell.city_id
        order by cell.time_period
    )
),

elsewhere as (
    select
        cell.cell_id,
        arg_min(
            cell.log_value - other.log_value, abs(cell.log_value - other.log_value)
        ) as from_elsewhere
    from cell
    inner join cell as other using (indicator, spatial_unit, city_id, time_period)
    where other.source_id != cell.source_id
    group by cell.cell_id
),

-- The nearest of all counts: one that agrees is enough.
held as (
    select
        cell.*,
        list_sort(list_transform(
            list_filter(
                list_append(cell.from_own, elsewhere.from_elsewhere), lambda x: x is not null
            ),
            lambda x: [abs(x), x]
        ))[1][2] as from_nearest
    from cell
    left join elsewhere on elsewhere.cell_id = cell.cell_id
),

measured as (
    select
        *,
        coalesce(from_nearest, from_gazetteer) as distance
    from held
),

series as (
    select
        source_id,
        indicator,
        count(*) as cities,
        sum((abs(distance) > ln({{ var('scrambled_factor') }}))::int) as off
    from measured
    where distance is not null
    group by all
),

block as (
    select
        source_id,
        indicator,
        country_iso2,
        time_period,
        count(*) as cities,
        avg((distance > ln({{ var('scrambled_factor') }}))::int) as above,
        avg((distance < -ln({{ var('scrambled_factor') }}))::int) as below,
        corr(log_value, log_value - distance) as goes_with
    from measured
    where distance is not null
    group by all
    having
        cities >= {{ var('scrambled_min_cities') }}
        and above + below >= {{ var('scrambled_min_share') }}
        -- In one direction it is growth, a unit or a boundary.
        and least(above, below) >= {{ var('scrambled_min_each') }}
        and goes_with < {{ var('scrambled_max_correlation') }}
)

select
    cell.cell_id,
    'scrambled_block' as reason
from cell
inner join block using (source_id, indicator, country_iso2, time_period)
inner join series using (source_id, indicator)
-- Many more than in the rest of the series.
where
    (block.above + block.below) * (series.cities - block.cities)
    >= {{ var('scrambled_times_usual') }}
    * (series.off - (block.above + block.below) * block.cities)
