-- One row per cell (cell_id) that is impossible beside the same figure of all other cities.
with spread as (
    select
        source_id,
        indicator,
        spatial_unit,
        time_period,
        median(log_value) as middle,
        -- 1.4826 × the median absolute deviation estimates a standard deviation (Hampel 1974).
        -- The lower bound keeps series that nearly agree (shares close to 100 %) from outliers.
        greatest(1.4826 * mad(log_value), {{ var('outlier_min_sigma') }}) as sigma
    from {{ ref('int_cell__comparable') }}
    where log_value is not null
    group by all
    -- A city has one cell per key.
    having count(*) >= {{ var('outlier_min_cities') }}
)

select
    cell.cell_id,
    'implausible_outlier' as reason
from {{ ref('int_cell__comparable') }} as cell
inner join spread using (source_id, indicator, spatial_unit, time_period)
where abs(cell.log_value - spread.middle) > {{ var('outlier_sigmas') }} * spread.sigma
