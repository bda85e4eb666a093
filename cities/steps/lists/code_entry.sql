-- Grain: code list × code. Some lists give a code twice, under two names of one place.
select
    codelist,
    code,
    label,
    country,
    admin1,
    latitude,
    longitude
from code_in
qualify row_number() over (
    partition by codelist, code order by latitude nulls last, label, country, admin1, longitude
) = 1
