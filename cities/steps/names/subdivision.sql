-- Grain: subdivision of ISO 3166-2 × way of writing its name, keyed, with what such a one is.
select
    country_iso2,
    subdivision,
    name_key(name) as name,
    leave_out_of_admin(name_key(name), country_iso2, false) as admin_name,
    meaning_of_subdivision(kind) as meaning
from subdivision_in
