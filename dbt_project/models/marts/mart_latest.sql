-- One row per city × indicator × spatial unit: the latest preferred figure that is no forecast, and
-- how many cities have one of the same year to compare it with.
{{ config(materialized='view') }}
with latest as (
    {{ flat_fact() }}
    where fact.obs_status != 'F' and fact.is_preferred
    -- The preferred facts of one key stand in the order of their years; undated ones come last.
    qualify row_number() over (
        partition by fact.city_id, fact.indicator, fact.spatial_unit
        order by fact.year desc nulls last, fact.time_period desc
    ) = 1
),

peer as (
    select
        indicator,
        spatial_unit,
        time_period,
        count(distinct city_id) as cities
    from {{ public('fct_observation') }}
    where is_preferred and obs_status != 'F'
    group by all
)

select
    latest.* exclude (is_preferred),
    build.newest_year - latest.year as age_years,
    peer.cities - 1 as peers
from latest
inner join peer using (indicator, spatial_unit, time_period)
-- The release knows its own day; a query of next year gives the same answer.
cross join (
    select extract('year' from max(retrieved_at))::integer as newest_year
    from {{ public('dim_content') }}
) as build
order by latest.observation_key
