-- One row per source cell, with its city and the first thing, if any, that keeps it from a fact.
{{ config(materialized='view') }}
with joined as (
    select
        cell.* replace (
            if(
                boundary.source_id is not null,
                boundary.boundary, coalesce(resolution.spatial_unit, cell.spatial_unit)
            ) as spatial_unit,
            -- A label that was resolved has its texts in dim_label.
            -- Of reference cells and of those that are filtered as declared, dim_label has none.
            resolution.label_id as label_id,
            if(resolution.label_id is null, cell.ref_area, null) as ref_area,
            if(resolution.label_id is null, cell.ref_area_code, null) as ref_area_code,
            if(resolution.label_id is null, cell.country, null) as country
        ),
        cell.rowid as cell_id,
        source.role,
        resolution.city_id,
        -- Only where the cell is about a country as a whole.
        case
            when coalesce(resolution.spatial_unit, cell.spatial_unit) = 'country'
                then resolution.country_iso2
        end as country_iso2,
        resolution.outcome,
        boundary.source_id is not null and boundary.boundary is null as is_other_boundary,
        coalesce(
            cell.obs_value < indicator.valid_min
            or cell.obs_value <= indicator.valid_above
            or cell.obs_value > indicator.valid_max, false
        ) as is_impossible,
        -- A year long before the source began is a slip of the pen.
        coalesce(
            try_cast(left(cell.time_period, 4) as integer)
            < try_cast(left(source.reference_period, 4) as integer), false
        ) as is_too_early
    from {{ ref('stg_cell') }} as cell
    inner join {{ source('raw', 'source') }} as source on source.source_id = cell.source_id
    left join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
    left join {{ source('raw', 'resolution') }} as resolution on resolution.label_id = cell.label_id
    -- Where a city has a label of its own for the wider boundary, its plain label is what it says.
    left join {{ ref('int_label__boundary') }} as boundary
        on
            boundary.label_id = cell.label_id
            -- An end that is left open: as far as its figures go; without both ends, the undated as
            -- well. Two comparisons, as DuckDB compares every cell with every boundary for anything
            -- else.
            and coalesce(try_cast(left(cell.time_period, 4) as integer), -1)
            >= coalesce(boundary.first_year, if(boundary.last_year is null, -1, 0))
            and coalesce(try_cast(left(cell.time_period, 4) as integer), -1)
            <= coalesce(boundary.last_year, 9999)
)

select
    joined.*,
    case
        when filter_reason is not null then 'filtered'
        when role != 'observations' then 'published'
        when is_missing then 'filtered'
        when
            coalesce(indicator, network) is null or time_period is null or obs_value is null
            or spatial_unit is null
            then 'rejected'
        -- A node that leads to no city keeps its code: its edges are published.
        when is_too_early then 'rejected'
        when network is not null then if(obs_value = 0, 'filtered', null)
        -- A site or an airport that no city reaches is about none.
        when outcome in ('not_a_city', 'no_city_within_reach') then 'filtered'
        when outcome != 'resolved' or is_impossible then 'rejected'
    end as disposition,
    case
        when filter_reason is not null then filter_reason
        when role != 'observations' then 'reference'
        when is_missing then if(is_confidential, 'confidential', 'missing_value')
        when coalesce(indicator, network) is null then 'unknown_indicator'
        when time_period is null then 'unreadable_period'
        when obs_value is null then 'unreadable_value'
        when is_other_boundary then 'not_this_boundary'
        when spatial_unit is null then 'unknown_spatial_unit'
        when is_too_early then 'before_reference_period'
        when network is not null then if(obs_value = 0, 'no_edge', null)
        when outcome != 'resolved' then outcome
        when is_impossible then 'impossible_value'
    end as reason
from joined
