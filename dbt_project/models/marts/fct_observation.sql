-- One row per city × indicator × source × spatial unit × time period. All sources are kept.
with aggregated as (
    select
        observation_key,
        any_value(city_id) as city_id,
        any_value(indicator) as indicator,
        any_value(source_id) as source_id,
        any_value(spatial_unit) as spatial_unit,
        any_value(time_period) as time_period,
        case any_value(aggregation)
            -- In order, and compensated: the same cells give the same last bit on every machine.
            when 'mean' then favg(obs_value order by cell_period, obs_value)
            when 'median' then median(obs_value)
            when 'sum' then fsum(obs_value order by cell_period, obs_value)
            when 'min' then min(obs_value)
            when 'max' then max(obs_value)
            when 'last' then max_by(obs_value, cell_period)
            when 'count' then count(*)
        end as obs_value,
        max_by(part.obs_status, status.severity::integer) as obs_status,
        if(any_value(aggregation) = 'count', 1, count(*)) as n_periods
    from {{ ref('int_fact__cell') }} as part
    inner join {{ source('raw', 'observation_status') }} as status using (obs_status)
    where aggregation != 'none'
    group by observation_key
),

-- Most facts are one cell: those need no grouping.
fact as (
    select
        observation_key,
        city_id,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        obs_value,
        obs_status,
        1 as n_periods
    from {{ ref('int_fact__cell') }}
    where aggregation = 'none'
    union all
    from aggregated
),

-- Figures of several sources are few. Those with equal hashes are compared in full.
contested as (
    select hash(city_id, indicator, time_period, spatial_unit) as figure_hash
    from fact
    group by figure_hash
    having count(*) > 1
),

ranked as (
    select
        fact.observation_key,
        source.source_rank,
        count(*) over same_figure as n_sources,
        row_number() over (
            same_figure order by source.source_rank, source.edition desc, fact.source_id
        ) as preference
    from fact
    semi join contested
        on
            contested.figure_hash
            = hash(fact.city_id, fact.indicator, fact.time_period, fact.spatial_unit)
    inner join {{ source('raw', 'source') }} as source on source.source_id = fact.source_id
    window same_figure as (
        partition by fact.city_id, fact.indicator, fact.time_period, fact.spatial_unit
    )
),

preferred as (
    select
        *,
        case
            when preference = 1
                then 'best of ' || n_sources || ' sources by declared rank ' || source_rank
            else 'rank ' || source_rank || ' or edition comes after another source'
        end as preferred_reason
    from ranked
    where n_sources > 1
)

select
    fact.city_id::bigint as city_id,
    fact.indicator,
    fact.source_id,
    fact.spatial_unit,
    fact.time_period,
    try_cast(fact.time_period as integer) as year,
    fact.obs_value::double as obs_value,
    indicator.unit_measure,
    fact.obs_status,
    fact.n_periods::integer as n_periods,
    coalesce(preferred.preference, 1) = 1 as is_preferred,
    coalesce(preferred.preferred_reason, 'only source') as preferred_reason,
    fact.observation_key
from fact
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = fact.indicator
left join preferred on preferred.observation_key = fact.observation_key
order by fact.observation_key
