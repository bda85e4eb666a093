-- One row per label (label_id) × range of years in which it means another boundary than it says: as
-- declared, else as its own figures show. Where what is declared ends, they speak of what follows.
with ended as (
    select
        label_id,
        max(last_year) as last_year
    from {{ ref('int_label__declared_boundary') }}
    group by all
    having bool_and(first_year is null and last_year is not null)
)

from {{ ref('int_label__declared_boundary') }}
union all by name
select
    implied.label_id,
    implied.source_id,
    -- greatest() passes over a null.
    greatest(implied.first_year, ended.last_year + 1)::integer as first_year,
    implied.last_year,
    implied.boundary
from {{ ref('int_label__implied_boundary') }} as implied
left join ended on ended.label_id = implied.label_id
where
    coalesce(implied.last_year > ended.last_year, true)
    and (
        ended.label_id is not null
        or implied.label_id not in (
            select declared.label_id from {{ ref('int_label__declared_boundary') }} as declared
        )
    )
