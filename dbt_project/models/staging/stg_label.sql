-- One row per distinct label (label_id) that a source uses for a place it says something about:
-- where a figure belongs, and either end of a link.
with said as (
    select * from {{ ref('stg_cell') }}
    where filter_reason is null and coalesce(indicator, indicator_code, network) is not null
),

either_end as (
    select
        label_id,
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
        spatial_unit,
        -- What the source says of its size, near today: a hint which of two homonyms is meant.
        max_by(obs_value, time_period) filter (
            where list_contains({{ var('population_hints') }}, indicator)
            and obs_value > 0 and time_period <= '{{ var('population_hint_until') }}'
        ) as population
    from said
    group by all
    union all
    select
        to_label_id,
        source_id,
        code_scheme,
        to_ref_area_code,
        null,
        null,
        to_ref_area,
        null,
        null,
        null,
        null,
        spatial_unit,
        null
    from said
    where to_label_id is not null
)

select
    * exclude (population),
    max(population) as population
from either_end
group by all
