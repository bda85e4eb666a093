-- Grain: label × candidate, with what both sides are known to be; nothing is judged yet.
select
    found_candidate.*,
    official_evidence.is_kind,
    official_evidence.other_kind,
    listed_evidence.km_to_listed,
    place.name,
    place.admin1,
    place.latitude,
    place.longitude,
    place.place_class,
    coalesce(place.population, 0) as population,
    name_count.name_count,
    accompanied.city_id is not null as is_accompanied,
    label.country_iso2 as label_country,
    label.country_text is null as is_anywhere,
    kilometres(label.lat, label.lon, place.latitude, place.longitude) as km,
    label.is_point,
    label.catchment_km,
    label.near_km,
    label.admin_code,
    label.likely_admin,
    coalesce(place.admin1 = label.admin_code, true) as is_admin,
    coalesce(label.stated_population, label.code_population) as stated_population,
    label.spatial_unit,
    label.source_id,
    label.written,
    lower(place.name) = lower(label.written) as is_spelt,
    label.written != strip_accents(label.written) as has_accents,
    region_named.label_id is not null as is_region_name,
    named_elsewhere.label_id is not null as is_named_elsewhere,
    place.is_core,
    name_usage.sources as sources_here,
    max(name_usage.sources) over (partition by found_candidate.label_id) as sources_anywhere,
    bracket_admin.admin1s as bracket_admins
from found_candidate
inner join label using (label_id)
inner join place using (city_id)
inner join name_count using (city_id)
left join accompanied using (label_id, city_id)
left join official_evidence using (label_id, city_id)
left join listed_evidence using (label_id, city_id)
left join region_named using (label_id)
left join name_usage
    on
        name_usage.label_id = found_candidate.label_id
        and name_usage.country_iso2 = place.country_iso2
left join named_elsewhere using (label_id)
left join bracket_admin using (label_id)
