{# For views that readers see: a relation of the same file, whatever name the file is attached by. #}
{% macro public(name) -%}
    {{ ref(name).include(database=false) }}
{%- endmacro %}
