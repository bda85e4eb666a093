{# Whether a figure is out of reach for so many inhabitants (their logarithm). #}
{% macro is_impossible_for(log_people) %}
case when {{ log_people }} is not null then
    coalesce(held.obs_value / exp({{ log_people }}) < held.per_person_min, false)
    or coalesce(held.obs_value / exp({{ log_people }}) > held.per_person_max, false)
    or coalesce(abs(held.log_shared - {{ log_people }} - held.middle) > held.reach, false)
end
{%- endmacro %}
