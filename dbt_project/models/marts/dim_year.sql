-- One row per calendar year from the first to the last that any figure speaks of.
with bound as (
    select
        min(year) as first_year,
        max(year) as last_year
    from {{ ref('fct_observation') }}
)

select
    series.year::integer as year,
    (series.year // 10 * 10)::integer as decade
from bound
cross join generate_series(bound.first_year, bound.last_year) as series (year)
