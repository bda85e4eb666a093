{# Indicators that mart_city_year has a column for: those of which there is a figure of a year. The
   caller names `fct_observation` by ref, which makes the order of the models. #}
{% macro measures(fact) -%}
    {#- A release without a figure of a year still has one column, which is empty. -#}
    {%- set lone = [{'indicator': 'population', 'name': 'Population', 'unit_measure': 'persons'}] -%}
    {%- if execute -%}
        {{ return(run_query(
            "select indicator, name, unit_measure from " ~ source('raw', 'indicator') ~ "
            where value_kind != 'normal' and aggregation != 'count' and indicator in (
                select indicator from " ~ fact ~ "
                where is_preferred and year is not null and obs_status != 'F'
            )"
        ).rows or lone) }}
    {%- else -%}
        {{ return(lone) }}
    {%- endif -%}
{%- endmacro %}

{# After the table is made: what its measures are. #}
{% macro describe_measures(fact) -%}
    {%- if execute -%}
        {%- for measure in measures(fact) %}
            comment on column {{ this }}."{{ measure['indicator'] }}"
            is {{ sql_text(measure['name'] ~ ' (' ~ measure['unit_measure'] ~ ')') }};
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
