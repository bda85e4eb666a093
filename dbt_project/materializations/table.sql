{# A table, made once in a file that is new: no other name first, no copy to fall back to. A failed
   build leaves no candidate behind, so what dbt's own way guards against cannot happen here, and it
   takes a sixth of a small build. #}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- if existing_relation is not none -%}
        {{ drop_relation_if_exists(existing_relation) }}
    {%- endif -%}
    {%- set language = model['language'] -%}
    {% call statement('main', language=language) -%}
        {{ create_table_as(False, target_relation, compiled_code, language) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
