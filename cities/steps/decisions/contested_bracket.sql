-- Grain: label that another of its source and city contradicts by its brackets. "Santo Tomas
-- (Batangas)" and "Santo Tomas (Davao del Norte)" of a source are not one; but a name of the city
-- in brackets tells nothing apart ("Mumbai (Bombay)"). Labels without a city are compared as well:
-- all but one of them go to a person.
with claim as (
    select
        decided.label_id,
        decided.city_id,
        decided.method,
        decided.best_probability,
        label.source_id,
        label.spatial_unit,
        label.is_point,
        key_in_brackets(label.written) as bracket,
        regexp_extract(label.written, '^[^(]+') as before_bracket
    from decided
    inner join label using (label_id)
),

supported as (
    select
        *,
        max(best_probability) over (
            partition by source_id, spatial_unit, city_id, bracket
        ) as probability
    from claim
),

ranked as (
    select
        supported.label_id,
        dense_rank() over (
            partition by
                supported.source_id, supported.spatial_unit, supported.city_id,
                supported.before_bracket
            order by supported.probability desc, supported.bracket
        ) as position
    from supported
    anti join place_name
        on place_name.city_id = supported.city_id and place_name.name = supported.bracket
    where
        not supported.is_point
        and supported.method not in ('reviewed', 'register_code', 'identity')
)

select label_id from ranked
where position > 1
