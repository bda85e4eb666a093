-- Grain: label whose hyphens are part of one place's name, by the rules of its country; but where
-- the rest after the first hyphen is a place of that country, they join several.
select bare_name.label_id
from bare_name
anti join place_name
    on
        place_name.country_iso2 = bare_name.country_iso2
        and place_name.name = name_key(regexp_extract(bare_name.written, '^[^-]+-(.+)$', 1))
where is_one_place(bare_name.written, bare_name.country_iso2, bare_name.is_point)
