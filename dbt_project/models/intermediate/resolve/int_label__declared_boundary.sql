-- One row per label (label_id) × range of years in which its source means another boundary than it
-- says, as the code list `source_boundary` declares by country; where it gives `from_ratio`, only
-- for labels that have so many times the people of the town in the gazetteer.
with label as (
    select
        resolution.label_id,
        resolution.source_id,
        resolution.city_id,
        resolution.country_iso2,
        coalesce(resolution.spatial_unit, source.spatial_unit) as spatial_unit,
        -- What one label says of a code's people holds for the code's others.
        coalesce(
            resolution.population,
            if(
                resolution.ref_area_code is null, null,
                median(resolution.population)
                    over (partition by resolution.code_scheme, resolution.ref_area_code)
            )
        ) / nullif(city.gazetteer_population, 0) as ratio
    from {{ source('raw', 'resolution') }} as resolution
    inner join {{ source('raw', 'source') }} as source on source.source_id = resolution.source_id
    left join {{ ref('int_city') }} as city on city.city_id = resolution.city_id
)

select
    label.label_id,
    declared.source_id,
    declared.first_year,
    declared.last_year,
    declared.boundary
from label
inner join {{ ref('int_source__boundary') }} as declared
    on
        declared.source_id = label.source_id
        and declared.country_iso2 = label.country_iso2
        and declared.spatial_unit = label.spatial_unit
        and coalesce(label.ratio >= declared.from_ratio, declared.from_ratio is null)
-- A city that has a label of its own for the wider boundary needs no other meaning of this one,
-- unless that label means another boundary as well, or the people say that it is not the town.
left join {{ ref('int_source__boundary') }} as moved
    on
        moved.source_id = declared.source_id and moved.country_iso2 = declared.country_iso2
        and moved.spatial_unit = declared.boundary and moved.from_ratio is null
left join {{ source('raw', 'resolution') }} as wider
    on
        wider.source_id = label.source_id and wider.city_id = label.city_id
        and wider.spatial_unit = declared.boundary
where wider.label_id is null or moved.source_id is not null or declared.from_ratio is not null
group by all
