-- Grain: label that contradicts its code. A code means one place: where labels of one code lead to
-- several cities, the best supported stays and the others go to a person.
with claim as (
    select
        scheme,
        code,
        city_id,
        bool_or(is_reviewed) as is_reviewed,
        count(*) as labels,
        max(best_probability) as probability
    from label_code_use
    where city_id is not null
    group by scheme, code, city_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by scheme, code
            order by is_reviewed desc, labels desc, probability desc nulls last, city_id
        ) as position
    from claim
)

select distinct label_code_use.label_id
from label_code_use
inner join ranked using (scheme, code, city_id)
where ranked.position > 1 and not label_code_use.is_reviewed
union
-- Of schemes that give every city one code, two codes of a source cannot mean one city.
select label_id
from (
    select
        label_code_use.label_id,
        label_code_use.is_reviewed,
        dense_rank() over (
            partition by
                label_code_use.source_id, label_code_use.scheme, label_code_use.city_id,
                label_code_use.spatial_unit
            order by
                label_code_use.is_reviewed desc,
                label_code_use.best_probability desc nulls last, label_code_use.code
        ) as position
    from label_code_use
    inner join code_scheme using (scheme)
    where label_code_use.city_id is not null and code_scheme.one_to_one = 'yes'
) as claimed
where position > 1 and not is_reviewed
