-- One row per cell (cell_id) that is impossible beside the same figure of all other cities, and
-- beside the city's own other values, where it has enough of them.
with cell as (
    select * from {{ ref('int_cell__comparable') }}
    -- Days with ozone, months on a mountain: extremes of nature are none of a source.
    where log_value is not null and value_kind not in ('count', 'normal')
),

spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        median(log_value) as middle,
        -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
        -- The lower bound keeps series that nearly agree (shares close to 100 %) from outliers.
        greatest(1.4826 * mad(log_value), {{ var('outlier_min_sigma') }}) as sigma
    from cell
    group by all
    -- A city has one cell per key.
    having count(*) >= {{ var('outlier_min_cities') }}
),

suspect as (
    select cell.*
    from cell
    inner join spread using (source_id, indicator, spatial_unit, time_period)
    inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    where
        abs(cell.log_value - spread.middle) > {{ var('outlier_sigmas') }} * spread.sigma
        -- Of percentages anything may be; only a share of one is another unit.
        and not (indicator.unit_measure = 'percent' and cell.obs_value > 1)
        -- The smallest capitals are known to be small.
        and not coalesce(
            cell.gazetteer_comparable
            and abs(cell.log_value - ln(nullif(city.gazetteer_population, 0)))
            <= ln({{ var('outlier_gazetteer_ratio') }}), false
        )
),

-- A city of tourists has a hundred times the guests of others, year after year.
own as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        median(log_value) as middle,
        greatest(1.4826 * mad(log_value), {{ var('outlier_min_sigma') }}) as sigma
    from cell
    semi join suspect using (source_id, indicator, spatial_unit, city_id)
    group by all
    having count(*) >= {{ var('outlier_own_cells') }}
)

select
    suspect.cell_id,
    'implausible_outlier' as reason
from suspect
left join own using (source_id, indicator, spatial_unit, city_id)
where
    coalesce(
        abs(suspect.log_value - own.middle) > {{ var('outlier_own_sigmas') }} * own.sigma, true
    )
