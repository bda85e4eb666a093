-- Grain: label × reason for which it is no city: by its words, or because the gazetteer has it as a
-- part of one.
with plain as (
    select
        label_id,
        country_iso2,
        name_key(regexp_replace(written, '\s*(,\s*[A-Z]{2})?\s*(\(.*\))?$', '')) as name,
        name_key(regexp_extract(written, '^([^,]+),', 1)) as before_comma
    from label
    where written is not null and not is_point and coalesce(spatial_unit, '') != 'country'
),

known as (
    select
        label_id,
        min(rank) as best_rank,
        bool_or(rank <= 2 or is_main) as is_named
    from named_candidate
    group by label_id
),

asked as (
    select
        plain.*,
        coalesce(known.best_rank, 9) as best_rank,
        coalesce(known.is_named, false) as is_named
    from plain
    left join known using (label_id)
)

select
    label_id,
    kind_of_no_city(country_iso2, name, best_rank <= 3) as kind
from asked
where
    kind is not null
    -- What follows a comma says where it lies: "Kaliningrad, Kaliningrad Oblast".
    and (
        before_comma = ''
        or kind_of_no_city(country_iso2, before_comma, best_rank <= 3) is not null
    )
union
select
    asked.label_id,
    'section_of_a_city'
from asked
inner join section_name using (country_iso2, name)
where asked.best_rank > 2
union
select
    asked.label_id,
    'country'
from asked
inner join country_name using (country_iso2, name)
where asked.best_rank > 1
union
-- A source that gives its country's code for a name means no city.
select
    label_id,
    'country'
from label
where length(written) = 2 and written = country_text
union
select
    asked.label_id,
    subdivision.meaning
from asked
inner join subdivision using (country_iso2, name)
where
    subdivision.meaning = 'district_of_a_city'
    or (subdivision.meaning = 'region' and not asked.is_named)
