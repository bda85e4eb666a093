-- One row per cell (cell_id) of several with one key and other values that carries its series on:
-- alone close to what the source says of the city in the year next to it, while all others are far
-- from that (a file that calls a city and its greater city by one name begins and ends like this);
-- or, of two counts of the people (census and estimate, both true), nearest to the year after.
with candidate as (
    select
        cell_id,
        city_id,
        indicator,
        source_id,
        spatial_unit,
        time_period::integer as year,
        obs_value
    from {{ ref('int_cell__candidate') }}
    where
        not is_impossible and point is null and city_id is not null
        and obs_value > 0 and time_period ~ '\d{4}'
),

-- Few: no window over all cells for them.
contested_key as (
    select
        city_id,
        indicator,
        source_id,
        spatial_unit,
        year
    from candidate
    group by all
    having min(obs_value) != max(obs_value)
),

contested as (
    from candidate
    semi join contested_key using (city_id, indicator, source_id, spatial_unit, year)
),

uncontested as (
    from candidate
    anti join contested_key using (city_id, indicator, source_id, spatial_unit, year)
),

beside as (
    select
        contested.cell_id,
        contested.city_id,
        contested.indicator,
        contested.source_id,
        contested.spatial_unit,
        contested.year,
        contested.obs_value,
        arg_min(
            abs(ln(contested.obs_value / near.obs_value)),
            (abs(near.year - contested.year), near.year)
        ) as distance
    from contested
    inner join uncontested as near
        on
            near.city_id = contested.city_id and near.indicator = contested.indicator
            and near.source_id = contested.source_id
            and near.spatial_unit = contested.spatial_unit
            and abs(near.year - contested.year) <= {{ var('continue_max_years') }}
    group by all
),

-- One value of the key is close, and every other one is far.
settled as (
    select
        city_id,
        indicator,
        source_id,
        spatial_unit,
        year
    from beside
    group by all
    having
        count(distinct obs_value) filter (where distance <= ln({{ var('continue_max_ratio') }})) = 1
        and bool_and(
            distance <= ln({{ var('continue_max_ratio') }})
            or distance >= ln({{ var('continue_others_ratio') }})
        )
),

-- The year after counts first: the next series is counted on from the census.
counted as (
    select
        contested.*,
        arg_min(
            abs(ln(contested.obs_value / near.obs_value)),
            (near.year < contested.year, abs(near.year - contested.year))
        ) as distance
    from contested
    inner join {{ source('raw', 'indicator') }} as indicator
        on indicator.indicator = contested.indicator and indicator.gazetteer_comparable
    inner join uncontested as near
        on
            near.city_id = contested.city_id and near.indicator = contested.indicator
            and near.source_id = contested.source_id
            and near.spatial_unit = contested.spatial_unit
            and abs(near.year - contested.year) <= {{ var('count_max_years') }}
    group by all
)

select
    min(beside.cell_id) as cell_id,
    false as is_of_counts
from beside
semi join settled using (city_id, indicator, source_id, spatial_unit, year)
where beside.distance <= ln({{ var('continue_max_ratio') }})
group by
    beside.city_id, beside.indicator, beside.source_id, beside.spatial_unit, beside.year
union all
select
    arg_min(counted.cell_id, (counted.distance, counted.cell_id)) as cell_id,
    true as is_of_counts
from counted
anti join settled using (city_id, indicator, source_id, spatial_unit, year)
group by
    counted.city_id, counted.indicator, counted.source_id, counted.spatial_unit, counted.year
having max(counted.distance) <= ln({{ var('continue_max_ratio') }})
