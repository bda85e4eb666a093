-- Grain: label without a country whose name a part of a city, or an admin unit, has in a country
-- where no place is called so: that may be meant. Erzsébetváros is a district of Budapest.
select distinct label_name.label_id
from label_name
inner join label using (label_id)
inner join (
    select
        country_iso2,
        name
    from section_name
    union
    select
        country_iso2,
        name
    from subdivision
) as other using (name)
anti join (
    select
        name_match.label_id,
        place.country_iso2
    from name_match
    inner join place using (city_id)
) as named
    on
        named.label_id = label_name.label_id
        and named.country_iso2 = other.country_iso2
where label.country_text is null and not label.is_point and label_name.rank = 1
