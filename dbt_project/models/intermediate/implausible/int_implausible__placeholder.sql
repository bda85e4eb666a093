-- One row per cell (cell_id) whose zero or one stands for "unknown". Of flows and counts there may
-- be none or one. Shares, sizes and prices that are far from it everywhere else have no such value.
with cell as (
    select
        cell_id,
        source_id,
        indicator,
        spatial_unit,
        city_id,
        obs_value,
        -- There may be no cinema: a stock of none is a figure.
        obs_value = 1 or (obs_value = 0 and value_kind != 'stock') as is_suspect
    from {{ ref('int_cell__comparable') }}
    where value_kind not in ('flow', 'count')
),

suspect as (
    select * from cell
    where is_suspect
),

-- Series where both are rare, and all other values begin well above them.
series as (
    select
        source_id,
        indicator,
        spatial_unit
    from cell
    semi join suspect using (source_id, indicator, spatial_unit)
    group by all
    having
        count(distinct city_id) >= {{ var('outlier_min_cities') }}
        and avg(is_suspect::int) <= {{ var('placeholder_max_share') }}
        and quantile_cont(obs_value, 0.02) filter (where not is_suspect)
        >= {{ var('placeholder_min_low_end') }}
)

select
    cell_id,
    'implausible_placeholder' as reason
from suspect
semi join series using (source_id, indicator, spatial_unit)
