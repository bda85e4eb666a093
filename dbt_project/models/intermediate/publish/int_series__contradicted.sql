-- One row per fact (observation_key) of people in a part of a series, on one side of a boundary
-- break, that is about another area: another source has all their common years otherwise, and is
-- nearer to the gazetteer. Readers have it, and it is never preferred.
with broken as (
    select
        source_id,
        indicator,
        spatial_unit,
        city_id,
        list(time_period) as breaks
    from {{ ref('int_series_break') }}
    where break_kind = 'boundary'
    group by all
),

part as (
    select
        fact.*,
        len(list_filter(broken.breaks, lambda period: period <= fact.time_period)) as part
    from {{ ref('int_fact') }} as fact
    inner join broken using (source_id, indicator, spatial_unit, city_id)
    inner join {{ source('raw', 'indicator') }} as indicator using (indicator)
    where
        (indicator.gazetteer_comparable or indicator.population_hint)
        and fact.period_kind = 'year' and fact.obs_value > 0
),

contradicted as (
    select
        part.source_id,
        part.indicator,
        part.spatial_unit,
        part.city_id,
        part.part
    from part
    inner join {{ ref('int_fact') }} as other using (city_id, indicator, spatial_unit, year)
    inner join {{ ref('int_city') }} as city using (city_id)
    where
        other.source_id != part.source_id and other.obs_value > 0
        -- What nobody has counted contradicts nothing.
        and other.obs_status != 'F'
        and {{ is_evidence('city.gazetteer_population', 'other.time_period') }}
    group by all
    having
        min(abs(ln(part.obs_value / other.obs_value))) > ln({{ var('contradiction_ratio') }})
        and avg(abs(ln(part.obs_value / city.gazetteer_population)))
        > avg(abs(ln(other.obs_value / city.gazetteer_population)))
)

select part.observation_key
from part
inner join contradicted using (source_id, indicator, spatial_unit, city_id, part)
