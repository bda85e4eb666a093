-- Grain: entry of an official list × its place, and no place twice: of its name nearby, the
-- largest; where none is, what lies at the very spot.
with own as (
    select * from official_candidate
    where
        km <= case
            when named = 2 and population >= 100000 then 60
            when named > 0 then 25
            when population > 0 then 8
            else 2
        end
    qualify row_number() over (
        partition by code
        order by named > 0 desc, km <= 25 desc, population desc, named desc, km, city_id
    ) = 1
)

select
    code,
    kind,
    country_iso2,
    city_id
from own
qualify row_number() over (
    partition by city_id order by kind = 'city' desc, named desc, km, code
) = 1
