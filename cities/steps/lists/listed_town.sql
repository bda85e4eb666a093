-- Grain: entry of a code list that says where a town lies: by coordinates, by admin unit or both.
select
    code_in.country as country_iso2,
    name_key(code_in.label) as name,
    iso_admin.admin1,
    try_cast(code_in.latitude as double) as latitude,
    try_cast(code_in.longitude as double) as longitude
from code_in
left join iso_admin
    on iso_admin.country_iso2 = code_in.country and iso_admin.subdivision = code_in.admin1
where code_in.latitude is not null or iso_admin.admin1 is not null
