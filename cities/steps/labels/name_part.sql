-- Grain: label × rank × key of a part of the text that may be a name by itself, in the order of
-- trust: 1 as written, 2 a part of it, 4 in brackets or behind a stroke.
with part as (
    select
        label_id,
        1 as rank,
        written
    from bare_name
    union all
    select
        label_id,
        2,
        regexp_replace(written, '\s*\(.*\)', '') as written
    from bare_name
    where contains(written, '(')
    union all
    -- "San Isidro (Argentina)": the country says nothing more.
    select
        bare_name.label_id,
        1,
        regexp_replace(bare_name.written, '\s*\([^()]*\)\s*$', '')
    from bare_name
    inner join country_name
        on
            country_name.country_iso2 = bare_name.country_iso2
            and country_name.name = key_in_brackets(bare_name.written)
    where contains(bare_name.written, '(')
    union all
    -- What stands in brackets may be another name, or only where the place lies.
    select
        label_id,
        4,
        leave_out_in_brackets(in_brackets, country_iso2, is_point)
    from (
        select
            *,
            regexp_extract(written, '\(([^)]*)\)', 1) as in_brackets
        from bare_name
        where contains(written, '(')
    ) as bracketed_name
    union all
    select
        label_id,
        2,
        split_part(regexp_replace(written, '\s*\(.*\)', ''), '/', 1)
    from bare_name
    where contains(written, '/')
    union all
    -- So may what stands behind a stroke: "Biel/Bienne", and "Bisamberg/Wien".
    select
        label_id,
        4,
        unnest(string_split(regexp_replace(written, '\s*\(.*\)', ''), '/')[2:])
    from bare_name
    where contains(written, '/')
    union all
    select
        label_id,
        2,
        unnest(also_written(written, country_iso2, is_point))
    from bare_name
)

select distinct
    label_id,
    rank,
    name_key(written) as name
from part
where written is not null
