{# How many digits of a whole number carry something: its zeros at the end may be rounding. #}
{% macro digits(value) %}
length(rtrim(cast(cast(abs({{ value }}) as hugeint) as varchar), '0'))
{%- endmacro %}
