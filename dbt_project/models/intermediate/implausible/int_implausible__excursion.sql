-- One row per cell (cell_id) of a year in which its country leaves its level and comes back to it,
-- as far as its city does the same. A city without other years is judged with its country.
with yearly as (
    select
        *,
        try_cast(time_period as integer) as year
    from {{ ref('int_cell__neighbour') }}
    semi join {{ ref('int_country__excursion') }} using (source_id, indicator, country_iso2)
    where freq = 'A' and log_value is not null
),

beside as (
    select
        cell.cell_id,
        cell.log_value,
        excursion.departure,
        max_by(other.log_value, other.year)
        filter (where other.year < excursion.first_year) as log_before,
        min_by(other.log_value, other.year)
        filter (where other.year > excursion.last_year) as log_after
    from yearly as cell
    inner join {{ ref('int_country__excursion') }} as excursion
        on
            excursion.source_id = cell.source_id and excursion.indicator = cell.indicator
            and excursion.country_iso2 = cell.country_iso2
            and cell.year between excursion.first_year and excursion.last_year
    left join yearly as other
        on
            other.source_id = cell.source_id and other.indicator = cell.indicator
            and other.spatial_unit = cell.spatial_unit and other.city_id = cell.city_id
    -- What its publisher calls another definition is said already.
    where cell.obs_status is distinct from 'B'
    group by all
)

select
    cell_id,
    'country_step' as reason
from beside
where coalesce(
    sign(departure)
    * (log_value - coalesce((log_before + log_after) / 2, log_before, log_after))
    >= abs(departure) * {{ var('excursion_agreement') }}, true
)
