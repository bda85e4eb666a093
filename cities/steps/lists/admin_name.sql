-- Grain: country × key of the name of an admin unit that no other has.
with named as (
    select
        subdivision.country_iso2,
        subdivision.admin_name as name,
        iso_admin.admin1
    from subdivision
    inner join iso_admin using (country_iso2, subdivision)
    union
    select
        country_iso2,
        leave_out_of_admin(name_key(code), country_iso2, false),
        admin1
    from admin_unit
    where scheme = 'name'
)

select
    country_iso2,
    name,
    any_value(admin1) as admin1
from named
group by all
having count(distinct admin1) = 1
