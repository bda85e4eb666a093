-- Grain: label, with its country and admin unit where it says them.
with only_country as (
    -- A former state means several countries: then none of them is the label's.
    select
        country,
        any_value(country_iso2) as country_iso2
    from country_code
    group by country
    having count(*) = 1
)

select
    label_text.*,
    -- Puerto Rico is a state to the statistics of the United States, and a country to ISO 3166.
    coalesce(
        state_territory.territory_iso2, territory_name.territory_iso2, only_country.country_iso2
    ) as country_iso2,
    country_text in (
        select country from country_code
        where country_iso2 is not null
    ) as is_known,
    coalesce(
        admin_unit.admin1,
        case
            when state_suffix.country_iso2 is not null and state_territory.territory_iso2 is null
                then if(state_suffix.admin_scheme is null, written_state, state_unit.admin1)
        end,
        if(state_suffix.is_iso_admin = 'yes', code_admin1, null)
    ) as admin_code,
    -- What was learned or stands in brackets ("Ji'an (Jiangxi)") is believed less.
    coalesce(iso_admin.admin1, admin_name.admin1) as likely_admin
from label_text
left join only_country on only_country.country = label_text.country_text
-- "Saint-Denis (La Réunion)" of France
left join territory_name
    on
        territory_name.country_iso2 = only_country.country_iso2
        and territory_name.name = key_in_brackets(written)
left join state_suffix on state_suffix.country_iso2 = only_country.country_iso2
left join territory as state_territory
    on
        state_territory.country_iso2 = state_suffix.country_iso2
        and state_territory.territory_iso2 = label_text.written_state
left join admin_unit as state_unit
    on
        state_unit.scheme = state_suffix.admin_scheme
        and state_unit.code = label_text.written_state
left join admin_unit
    on admin_unit.scheme = label_text.code_scheme and admin_unit.code = label_text.admin1
left join iso_admin
    on
        iso_admin.country_iso2 = only_country.country_iso2
        and iso_admin.subdivision = label_text.code_admin1
left join admin_name
    on
        admin_name.country_iso2 = only_country.country_iso2
        and admin_name.name = label_text.last_name
