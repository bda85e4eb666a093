{# Identity of a fact: 63 bits of the hash of the five parts of its grain. #}
{% macro observation_key(relation) -%}
    (md5_number_lower(concat_ws(
        '|', {{ relation }}.city_id, {{ relation }}.indicator, {{ relation }}.source_id,
        {{ relation }}.spatial_unit, {{ relation }}.time_period
    )) >> 1)::bigint
{%- endmacro %}
