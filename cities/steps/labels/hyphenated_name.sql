-- Grain: label whose hyphens are part of one place's name, by the rules of its country; but where
-- the rest after the first hyphen is a city of that country, they join several. L'Hôpital is a
-- village, so that Paris-l'Hôpital is one.
select bare_name.label_id
from bare_name
anti join (
    select
        place_name.country_iso2,
        place_name.name
    from place_name
    inner join place using (city_id)
    where place.is_core
) as city_name
    on
        city_name.country_iso2 = bare_name.country_iso2
        and city_name.name = name_key(regexp_extract(bare_name.written, '^[^-]+-(.+)$', 1))
where is_one_place(bare_name.written, bare_name.country_iso2, bare_name.is_point)
