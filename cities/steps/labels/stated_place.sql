-- Grain: label without a country whose name ends in one, or in an admin unit that only one country
-- has: "Beja (Tunisia)", "Portland, Oregon".
with ending as (
    select
        label_id,
        leave_out_of_admin(last_name_of(coalesce(code_label, ref_area)), null, is_point) as name
    from label_code
    where coalesce(country, code_country, prefix_country) is null and not is_point
),

known as (
    select
        country_iso2,
        name
    from country_name
    union
    select
        country_iso2,
        name
    from admin_name
    union
    select
        country_iso2,
        name
    from subdivision
    union
    -- "Portland, OR": a state's letters, where they are no country's.
    select
        subdivision.country_iso2,
        lower(subdivision.subdivision)
    from subdivision
    inner join state_suffix using (country_iso2)
    anti join country_code on country_code.country = subdivision.subdivision
)

select
    ending.label_id,
    any_value(known.country_iso2) as country_iso2
from ending
inner join known using (name)
where ending.name != ''
group by ending.label_id
having count(distinct known.country_iso2) = 1
