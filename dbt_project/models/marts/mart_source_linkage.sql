-- One row per source of observations: how many of the cells about a city are linked to one, and why
-- the others are not. Of an edge, the end that the source names first counts.
with counted as (
    select
        source_id,
        outcome,
        sum(cells)::bigint as cells
    from {{ ref('int_series__cell_count') }}
    where
        role = 'observations' and has_value
        and coalesce(spatial_unit, '') != 'country' and outcome is not null
        -- What is no city, and a point that no city reaches, is about none.
        and outcome not in ('not_a_city', 'no_city_within_reach')
    group by all
),

label as (
    select
        source_id,
        count(*) as labels,
        count(*) filter (where outcome = 'resolved') as linked_labels,
        count(*) filter (where outcome in ('not_a_city', 'no_city_within_reach')) as other_labels
    from {{ ref('dim_label') }}
    where coalesce(spatial_unit, '') != 'country'
    group by source_id
)

select
    counted.source_id,
    any_value(label.labels)::bigint as labels,
    any_value(label.linked_labels)::bigint as linked_labels,
    any_value(label.other_labels)::bigint as other_labels,
    sum(counted.cells)::bigint as cells,
    coalesce(sum(counted.cells) filter (where counted.outcome = 'resolved'), 0)::bigint
        as linked_cells,
    linked_cells / sum(counted.cells) as linked_share,
    string_agg(
        counted.outcome || ' ' || counted.cells, ', '
        order by counted.cells desc, counted.outcome
    ) filter (where counted.outcome != 'resolved') as why_not
from counted
inner join label using (source_id)
group by counted.source_id
