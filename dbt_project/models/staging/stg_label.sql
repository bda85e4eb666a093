-- One row per distinct label (label_id) that a source uses for a place it describes: where a figure
-- belongs, and either end of a link.
with cell as (
    select * from {{ source('raw', 'cell') }}
    where {{ has_resolved_label() }}
),

-- The size that the source gives near today: a hint which of two homonyms is meant.
hint as (
    select
        cell.label_id,
        -- Of several figures of the last period, the largest.
        max_by(cell.obs_value, (cell.time_period, cell.obs_value)) as population
    from {{ ref('stg_cell') }} as cell
    inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    where
        indicator.population_hint and cell.filter_reason is null
        and cell.obs_value > 0 and cell.time_period <= '{{ var('population_hint_until') }}'
    group by cell.label_id
),

-- A table without populations: the inhabitants that its counts and their rates imply.
stated as (
    select
        rate.label_id,
        counted.obs_value * relation.factor::double / rate.obs_value as population
    from {{ source('raw', 'indicator_relation') }} as relation
    inner join {{ source('raw', 'indicator') }} as inhabitants
        on inhabitants.indicator = relation.denominator and inhabitants.population_hint
    inner join {{ ref('stg_cell') }} as rate on rate.indicator = relation.indicator
    inner join {{ ref('stg_cell') }} as counted
        on
            counted.indicator = relation.other and counted.label_id = rate.label_id
            and counted.time_period = rate.time_period
    where
        relation.relation = 'rate'
        and rate.obs_value >= {{ var('implied_min_rate') }} and counted.obs_value > 0
        and coalesce(rate.filter_reason, counted.filter_reason) is null
    -- Of a town that has grown, today's.
    qualify row_number() over (
        partition by rate.label_id order by rate.time_period desc, rate.indicator
    ) <= {{ var('implied_figures') }}
),

implied as (
    select
        label_id,
        median(population) as population
    from stated
    group by label_id
),

own as (
    select distinct
        source_id,
        code_scheme,
        ref_area_code,
        other_code_scheme,
        other_code,
        ref_area,
        country,
        admin1,
        latitude,
        longitude,
        spatial_unit
    from cell
),

far as (
    select distinct
        source_id,
        code_scheme,
        to_ref_area_code,
        to_ref_area,
        to_country,
        to_admin1,
        spatial_unit
    from cell
    where coalesce(to_ref_area, to_ref_area_code) is not null
),

either_end as (
    select
        {{ own_label_id() }} as label_id,
        *
    from own
    union by name
    select
        {{ far_label_id() }} as label_id,
        source_id,
        code_scheme,
        to_ref_area_code as ref_area_code,
        to_ref_area as ref_area,
        to_country as country,
        to_admin1 as admin1,
        spatial_unit
    from far
)

select
    either_end.*,
    coalesce(hint.population, implied.population) as population
from either_end
left join hint on hint.label_id = either_end.label_id
left join implied on implied.label_id = either_end.label_id
