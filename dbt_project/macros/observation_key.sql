{# Identity of a fact: the five parts of its grain. #}
{% macro observation_key(relation) -%}
    md5(concat_ws('|', {{ relation }}.city_id, {{ relation }}.indicator, {{ relation }}.source_id,
        {{ relation }}.spatial_unit, {{ relation }}.time_period))
{%- endmacro %}
