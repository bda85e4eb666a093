-- One row per city × indicator × source × spatial unit × time period. All sources are kept.
with fact as (
    select
        observation_key,
        city_id,
        indicator,
        source_id,
        spatial_unit,
        time_period,
        case any_value(aggregation)
            -- In order, and compensated: the same cells give the same last bit on every machine.
            when 'mean' then favg(obs_value order by cell_period)
            when 'sum' then fsum(obs_value order by cell_period)
            when 'min' then min(obs_value)
            when 'max' then max(obs_value)
            when 'last' then max_by(obs_value, cell_period)
            when 'count' then count(*)
            when 'none' then any_value(obs_value)
        end as obs_value,
        max_by(part.obs_status, status.severity) as obs_status,
        count(*) as n_periods
    from {{ ref('int_fact__cell') }} as part
    inner join {{ ref('observation_status') }} as status on status.obs_status = part.obs_status
    group by all
),

ranked as (
    select
        fact.*,
        source.source_rank,
        source.edition,
        count(*) over same_figure as n_sources,
        row_number() over (
            same_figure order by source.source_rank, source.edition desc, fact.source_id
        ) as preference
    from fact
    inner join {{ source('raw', 'source') }} as source on source.source_id = fact.source_id
    window same_figure as (
        partition by fact.city_id, fact.indicator, fact.time_period, fact.spatial_unit
    )
)

select
    ranked.city_id::bigint as city_id,
    ranked.indicator,
    ranked.source_id,
    ranked.spatial_unit,
    ranked.time_period,
    try_cast(ranked.time_period as integer) as year,
    ranked.obs_value::double as obs_value,
    indicator.unit_measure,
    ranked.obs_status,
    if(indicator.aggregation = 'count', 1, ranked.n_periods)::integer as n_periods,
    ranked.preference = 1 as is_preferred,
    case
        when n_sources = 1 then 'only source'
        when
            preference = 1
            then 'best of ' || n_sources || ' sources by declared rank ' || source_rank
        else 'rank ' || source_rank || ' or edition comes after another source'
    end as preferred_reason,
    ranked.observation_key
from ranked
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = ranked.indicator
