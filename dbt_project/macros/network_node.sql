{# A node of a network: its city where one is known, so that two airports are one city; else itself. #}
{% macro network_node(node) -%}
coalesce(
    'city:' || {{ node }}.city_id,
    coalesce({{ node }}.code_scheme, 'label') || ':' || {{ node }}.node_id
)
{%- endmacro %}
