{# Identity of a label: 53 bits of the md5 of its parts. A JavaScript number holds it exactly. #}
{% macro label_id(code, name, country, admin1, latitude, longitude, other_code) -%}
    (md5_number_lower(concat_ws(
        '|', source_id, coalesce(code_scheme, ''), coalesce({{ code }}, ''),
        coalesce({{ name }}, ''), coalesce({{ country }}, ''), coalesce({{ admin1 }}, ''),
        coalesce({{ latitude }}, ''), coalesce({{ longitude }}, ''), coalesce(spatial_unit, ''),
        coalesce({{ other_code }}, '')
    )) >> 11)::bigint
{%- endmacro %}

{# Of the place that a cell is about. #}
{% macro own_label_id() -%}
    {{ label_id(
        'ref_area_code', 'ref_area', 'country', 'admin1', 'latitude', 'longitude', 'other_code'
    ) }}
{%- endmacro %}

{# Of the far end of a link. #}
{% macro far_label_id() -%}
    {{ label_id(
        'to_ref_area_code', 'to_ref_area', 'to_country', 'to_admin1', "''", "''", "''"
    ) }}
{%- endmacro %}

{# Only labels of such cells are resolved to a city. #}
{% macro has_resolved_label() -%}
    filter_reason is null and coalesce(indicator, indicator_code, network) is not null
{%- endmacro %}
