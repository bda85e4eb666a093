{# Whether the gazetteer's undated population says something about a period's figures. #}
{% macro is_evidence(population, time_period) %}
{{ population }} >= {{ var('gazetteer_evidence_min') }}
and ({{ time_period }} = 'undated' or {{ time_period }} >= '{{ var("gazetteer_evidence_from") }}')
{%- endmacro %}
