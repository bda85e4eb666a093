-- One row per fact (observation_key) whose figure several sources state at some time: whether it is
-- the one to take, and why. A city's figure comes from one source; another one carries it on before
-- or after, where both agree. Of one period at most one fact is preferred.
with fact as (
    select
        fact.*,
        series.preference,
        series.source_rank,
        series.n_sources,
        series.is_sparse,
        base.source_id as base_source_id,
        extension.source_id as extension_source_id,
        extension.side
    from {{ ref('int_fact') }} as fact
    anti join {{ ref('int_series__contradicted') }} using (observation_key)
    inner join {{ ref('int_series') }} as series
        using (city_id, indicator, spatial_unit, period_kind, source_id)
    inner join {{ ref('int_series') }} as base
        on
            base.city_id = fact.city_id and base.indicator = fact.indicator
            and base.spatial_unit = fact.spatial_unit and base.period_kind = fact.period_kind
            and base.preference = 1
    left join {{ ref('int_series__extension') }} as extension
        on
            extension.city_id = fact.city_id and extension.indicator = fact.indicator
            and extension.spatial_unit = fact.spatial_unit
            and extension.source_id = fact.source_id
            and fact.period_kind = 'year' and fact.obs_status != 'F'
            and if(
                extension.side = 'after', fact.year > extension.edge_year,
                fact.year < extension.edge_year
            )
),

observed as (
    select
        city_id,
        indicator,
        spatial_unit,
        period_kind,
        max(year) filter (
            where obs_status != 'F' and (preference = 1 or extension_source_id is not null)
        ) as last_year
    from fact
    group by all
),

-- The base forecasts what nobody has counted yet.
judged as (
    select
        fact.*,
        case
            when fact.preference > 1 then fact.extension_source_id is not null
            when fact.obs_status != 'F' then true
            else fact.year > coalesce(observed.last_year, 0)
        end as is_preferred
    from fact
    inner join observed using (city_id, indicator, spatial_unit, period_kind)
)

select
    observation_key,
    is_preferred,
    case
        when preference = 1 and is_preferred
            then 'base series: best of ' || n_sources || ' sources by declared rank ' || source_rank
        when preference = 1 then 'forecast of a year that another source has counted'
        when is_preferred
            then 'carries ' || base_source_id || ' on ' || side || ' its span: both agree'
        when is_sparse then 'few years beside ' || base_source_id
        else 'series of ' || base_source_id || ' comes first by rank, coverage or recency'
    end as preferred_reason
from judged
union all
select
    observation_key,
    false as is_preferred,
    'of another area than the rest of its series, as another source shows' as preferred_reason
from {{ ref('int_series__contradicted') }}
