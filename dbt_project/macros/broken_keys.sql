{# The test `keys`: one row, which raises, if a key is broken. #}
{% macro broken_keys(model, grain, references) -%}
with broken as (
    {%- if grain %}
    select
        'not unique: {{ grain | join(", ") }}' as broken_key,
        coalesce(sum(n), 0) as n
    from (
        select count(*) as n
        from {{ model }}
        where hash({{ grain | join(', ') }}) in (
            select hash({{ grain | join(', ') }}) as grain_hash
            from {{ model }}
            group by grain_hash
            having count(*) > 1
        )
        group by {{ grain | join(', ') }}
        having count(*) > 1
    ) as repeated
    {%- endif %}
    {%- for column, target_name in references.items() %}
    {%- set parts = target_name.split('.') %}
    {%- if grain or not loop.first %}
    union all
    {%- endif %}
    select
        '{{ column }} not in {{ parts[0] }}' as broken_key,
        coalesce(sum(n), 0) as n
    from (
        select {{ column }} as key_value, count(*) as n
        from {{ model }}
        where {{ column }} is not null
        group by key_value
    ) as held
    anti join {{ ref(parts[0]) }} as target on target.{{ parts[1] or column }} = held.key_value
    {%- endfor %}
)

select count(*) as broken_keys
from broken
where n > 0
having
    count(*) > 0
    -- In the condition, where it is evaluated: the message names every broken key.
    and error(string_agg(broken_key || ' (' || n || ' rows)', '; ')) is null
{%- endmacro %}
