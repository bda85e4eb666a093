-- One row per source × spatial unit × city whose people are far more than the gazetteer's, while
-- the source's other cities in the country agree with it: a wider boundary, or an old gazetteer. A
-- question for a person; the answer is a row of the code list `source_boundary`, or a decision.
with level as (
    select
        observation.source_id,
        observation.spatial_unit,
        observation.city_id,
        city.country_iso2,
        city.gazetteer_population,
        count(*) as cells,
        median(observation.obs_value) as people,
        median(observation.obs_value / city.gazetteer_population) as ratio
    from {{ ref('int_observation') }} as observation
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    inner join {{ ref('int_city') }} as city using (city_id)
    where
        (indicator.gazetteer_comparable or indicator.population_hint)
        and observation.spatial_unit = 'city_proper'
        and {{ is_evidence('city.gazetteer_population', 'observation.time_period') }}
    group by all
),

country as (
    select
        source_id,
        spatial_unit,
        country_iso2,
        median(ratio) as usual_ratio
    from level
    group by all
    having count(*) >= {{ var('question_min_cities') }}
)

select
    level.source_id,
    level.spatial_unit,
    level.city_id,
    city.name as city,
    level.country_iso2,
    level.cells,
    level.people::double as people,
    level.gazetteer_population,
    level.ratio,
    country.usual_ratio
from level
inner join country
    on
        country.source_id = level.source_id and country.spatial_unit = level.spatial_unit
        and country.country_iso2 = level.country_iso2
inner join {{ ref('dim_city') }} as city on city.city_id = level.city_id
where
    level.ratio > {{ var('question_ratio') }}
    and level.ratio > {{ var('question_ratio') }} * country.usual_ratio
order by level.ratio desc, level.source_id, level.city_id
