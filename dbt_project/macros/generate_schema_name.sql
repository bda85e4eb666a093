{# Rooms are schemas of scratch: staging, intermediate. What readers see is in main. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
