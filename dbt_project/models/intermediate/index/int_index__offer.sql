-- One row per city × indicator × boundary × calendar year that an index may take: preferred figures
-- that are neither forecasts nor of another definition, and measures of networks, which have no
-- boundary.
select
    city_id,
    indicator,
    spatial_unit,
    year,
    obs_value as value,
    source_id,
    observation_key
from {{ ref('fct_observation') }}
where
    is_preferred and obs_status not in ('F', 'D')
    and year is not null and time_period = year::varchar
union all
select
    city_id,
    network || '.' || measure as indicator,
    null as spatial_unit,
    year,
    value,
    null as source_id,
    null as observation_key
from (
    unpivot (
        select
            network,
            year,
            city_id,
            degree::double as degree,
            strength,
            closeness,
            betweenness,
            pagerank,
            clustering,
            gnc,
            newman
        from {{ ref('mart_city_connectivity') }}
        where year is not null
    )
    on degree, strength, closeness, betweenness, pagerank, clustering, gnc, newman
    into name measure value value
)
