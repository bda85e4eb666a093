-- Grain: entry of a country's own list of its cities and divisions, where it has their seats.
-- Gazetteers name a seat after itself: 溧阳市 (Liyang) is Licheng there, and other places are called
-- Liyang.
select
    code_in.code,
    code_in.country as country_iso2,
    admin_unit.admin1,
    official_list.kind,
    try_cast(code_in.latitude as double) as latitude,
    try_cast(code_in.longitude as double) as longitude,
    regexp_replace(code_in.label, official_list.pattern, '') as own_name,
    code_in.label as full_name
from code_in
inner join official_list
    on
        official_list.codelist = code_in.codelist
        and regexp_matches(code_in.label, official_list.pattern)
-- A code begins with that of its province.
left join admin_unit
    on
        admin_unit.scheme = official_list.scheme
        and admin_unit.code = rpad(
            left(code_in.code, official_list.admin_digits), length(code_in.code)::integer, '0'
        )
where length(own_name) >= 2
