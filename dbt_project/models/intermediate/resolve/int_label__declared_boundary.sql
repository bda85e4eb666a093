-- One row per label (label_id) × range of years in which its source means another boundary than it
-- says, as the code list `source_boundary` declares by country.
select
    resolution.label_id,
    declared.source_id,
    declared.first_year,
    declared.last_year,
    declared.boundary
from {{ source('raw', 'resolution') }} as resolution
inner join {{ source('raw', 'source') }} as source on source.source_id = resolution.source_id
inner join {{ source('raw', 'source_boundary') }} as declared
    on
        declared.source_id = resolution.source_id
        and declared.country_iso2 = resolution.country_iso2
        and declared.spatial_unit = coalesce(resolution.spatial_unit, source.spatial_unit)
-- A city that has a label of its own for the wider boundary needs no other meaning of this one,
-- unless that label means another boundary as well.
left join {{ source('raw', 'source_boundary') }} as moved
    on
        moved.source_id = declared.source_id and moved.country_iso2 = declared.country_iso2
        and moved.spatial_unit = declared.boundary
left join {{ source('raw', 'resolution') }} as wider
    on
        wider.source_id = resolution.source_id and wider.city_id = resolution.city_id
        and wider.spatial_unit = declared.boundary
where wider.label_id is null or moved.source_id is not null
group by all
