-- One row per index × year × basis × city × indicator: the value that counted before. The basis is
-- the year of the index before this one, or this year in the release before this one.
with declared as (
    select
        index,
        year,
        lag(year) over (partition by index order by year) as year_before
    from (
        select
            index,
            unnest(years) as year
        from {{ source('raw', 'index') }}
    )
),

released as (
    select
        index,
        year,
        city_id,
        node,
        indicator,
        value,
        value_year,
        spatial_unit
    from {{ source('raw', 'previous_index_score') }}
    union all
    select
        score.index,
        score.year,
        score.city_id,
        score.node,
        node.per,
        score.per_value,
        score.per_year,
        score.spatial_unit
    from {{ source('raw', 'previous_index_score') }} as score
    inner join {{ source('raw', 'index_node') }} as node
        on node.index = score.index and node.node = score.node
)

select
    declared.index,
    declared.year,
    'year' as basis,
    value.city_id,
    value.indicator,
    value.value,
    value.value_year,
    value.spatial_unit
from declared
inner join {{ ref('int_index__value') }} as value
    on value.index = declared.index and value.year = declared.year_before
union all
-- A figure that several leaves have is there once.
select
    released.index,
    released.year,
    'release' as basis,
    released.city_id,
    released.indicator,
    any_value(released.value) as value,
    any_value(released.value_year) as value_year,
    any_value(released.spatial_unit) as spatial_unit
from released
inner join declared on declared.index = released.index and declared.year = released.year
where released.value is not null
group by all
