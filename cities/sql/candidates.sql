-- Cities whose name, country, admin unit and place agree with a label. Grain: label × city.
create table candidate as
select
    label.label_id,
    place.city_id,
    place.name,
    place.admin1,
    place.population,
    label_name.rank,
    place_name.is_main,
    kilometres(label.lat, label.lon, place.latitude, place.longitude) as km,
    coalesce(
        km <= case label.resolve_by when 'reach' then label.reach_km else label.near_km end, true
    )
        as is_near,
    coalesce(place.admin1 = label.admin_code, true) as is_admin
from label
inner join label_name using (label_id)
inner join place_name using (name)
inner join place
    on
        place.city_id = place_name.city_id
        and (
            place.country_iso2 = label.country_iso2
            or (
                label.country_text is null and label.without_country = 'dominant'
                and (label.countries is null or list_contains(label.countries, place.country_iso2))
            )
        )
qualify row_number() over (
    partition by label.label_id, place.city_id order by label_name.rank, place_name.is_main desc
) = 1;

-- Points also reach the cities around them. Bands of one degree of latitude keep the join small.
create table within_reach as
with point as (
    select
        label_id,
        country_iso2,
        lat,
        lon,
        reach_km,
        unnest([-1, 0, 1]) + floor(lat) as band
    from label
    where resolve_by = 'reach' and lat is not null
)

select
    point.label_id,
    place.city_id,
    place.name,
    place.admin1,
    place.population,
    kilometres(point.lat, point.lon, place.latitude, place.longitude) as km
from point
inner join place
    on floor(place.latitude) = point.band and place.country_iso2 = point.country_iso2
where km <= point.reach_km;
