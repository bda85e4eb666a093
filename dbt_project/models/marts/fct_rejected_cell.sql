-- One row per rejected source cell, with its reason and the cities it might have meant.
{{ config(materialized='view') }}
select
    cell.content_id,
    cell.row_number,
    cell.column_name,
    cell.source_id,
    cell.ref_area_label,
    cell.ref_area_code,
    cell.country_label,
    cell.indicator,
    cell.time_period,
    cell.value_text,
    cell.reason,
    label.candidates
from {{ public('fct_source_observation') }} as cell
left join {{ public('dim_label') }} as label on label.label_id = cell.label_id
where cell.disposition = 'rejected'
