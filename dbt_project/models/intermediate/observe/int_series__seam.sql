-- One row per observation of people (source_id, indicator, spatial_unit, city_id, time_period) that
-- is the first after its source changed what it means by the boundary, as two rows of the code list
-- `source_boundary` declare, one where the other ends: two delimitations of one boundary.
with seam as (
    select distinct
        after.source_id,
        after.country_iso2,
        after.boundary,
        after.first_year
    from {{ ref('int_source__boundary') }} as after
    inner join {{ ref('int_source__boundary') }} as before
        on
            before.source_id = after.source_id
            and before.country_iso2 = after.country_iso2
            and before.boundary = after.boundary
            and before.last_year = after.first_year - 1
)

select
    cell.source_id,
    cell.indicator,
    cell.spatial_unit,
    cell.city_id,
    min(cell.time_period) as time_period
from {{ ref('int_observation') }} as cell
inner join {{ source('raw', 'indicator') }} as indicator on indicator.indicator = cell.indicator
inner join {{ ref('int_city') }} as city on city.city_id = cell.city_id
inner join seam
    on
        seam.source_id = cell.source_id and seam.country_iso2 = city.country_iso2
        and seam.boundary = cell.spatial_unit
where
    cell.point is null and indicator.value_kind = 'stock' and indicator.unit_measure = 'persons'
    and try_cast(cell.time_period as integer) >= seam.first_year
group by all
