-- Grain: place × way of writing its name, keyed; several ways may have one key.
with written as (
    select
        city_id,
        country_iso2,
        name as written,
        true as is_main
    from place_in
    union all
    select
        city_id,
        country_iso2,
        ascii_name,
        true
    from place_in
    where ascii_name != name
    union all
    select
        city_id,
        country_iso2,
        written,
        false
    from (
        select
            city_id,
            country_iso2,
            name,
            ascii_name,
            unnest(from_json(alternate_names, '["VARCHAR"]')) as written
        from place_in
    ) as alternate
    -- Three capitals among the alternate names are airport codes.
    where
        written != name and written is distinct from ascii_name
        and not regexp_full_match(written, '[A-Z]{2,3}')
)

select
    city_id,
    country_iso2,
    name_key(written) as name,
    is_main
from written
