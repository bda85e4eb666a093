-- One row per country × key of a name or code of it: what find_city takes for a country.
with written as (
    select
        country_iso2,
        name,
        1 as kind
    from {{ source('raw', 'country_name') }}
    union all
    select
        country_iso2,
        unnest([country_iso2, iso3, name]) as name,
        0 as kind
    from {{ source('raw', 'country') }}
),

keyed as (
    select
        *,
        country_key(name) as country_key
    from written
)

select
    keyed.country_iso2,
    keyed.country_key,
    arg_min(keyed.name, (keyed.kind, keyed.name)) as name
from keyed
inner join {{ ref('dim_country') }} as country on country.country_iso2 = keyed.country_iso2
where keyed.country_key != ''
group by keyed.country_iso2, keyed.country_key
order by keyed.country_key, keyed.country_iso2
