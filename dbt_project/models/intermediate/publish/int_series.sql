-- One row per series (city × indicator × spatial unit × period kind × source) whose figures another
-- source has too: what decides which of them readers take. `preference` 1 is the base.
with contested as (
    select hash(city_id, indicator, spatial_unit, period_kind) as series_hash
    from {{ ref('int_fact') }}
    group by series_hash
    having count(distinct source_id) > 1
),

span as (
    select
        fact.city_id,
        fact.indicator,
        fact.spatial_unit,
        fact.period_kind,
        fact.source_id,
        count(*) as n_periods,
        -- A forecast keeps no count of another source away.
        min(fact.year) filter (where fact.obs_status != 'F') as first_year,
        max(fact.year) filter (where fact.obs_status != 'F') as last_year
    from {{ ref('int_fact') }} as fact
    anti join {{ ref('int_series__contradicted') }} using (observation_key)
    semi join contested
        on
            contested.series_hash
            = hash(fact.city_id, fact.indicator, fact.spatial_unit, fact.period_kind)
    group by all
),

-- A handful of years is no series beside a long one, however good its source.
covered as (
    select
        *,
        n_periods < {{ var('preferred_min_coverage') }} * max(n_periods) over same_figure
            as is_sparse,
        count(*) over same_figure as n_sources
    from span
    window same_figure as (partition by city_id, indicator, spatial_unit, period_kind)
)

select
    covered.*,
    source.source_rank,
    row_number() over (
        partition by
            covered.city_id, covered.indicator, covered.spatial_unit, covered.period_kind
        order by
            covered.is_sparse, source.source_rank, covered.n_periods desc,
            covered.last_year desc nulls last, source.edition desc, covered.source_id
    ) as preference
from covered
inner join {{ source('raw', 'source') }} as source on source.source_id = covered.source_id
where covered.n_sources > 1
