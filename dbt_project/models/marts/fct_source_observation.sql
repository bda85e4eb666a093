-- One row per source cell: as it was written, what it means, and what became of it.
{{ config(materialized='view') }}
select
    cell.content_id,
    cell.row_number,
    cell.column_name,
    cell.source_id,
    cell.resource,
    coalesce(
        cell.ref_area_label,
        label.ref_area_label,
        if(cell.reason = 'reference', cell.value_text, null)
    ) as ref_area_label,
    coalesce(cell.ref_area_code, label.ref_area_code) as ref_area_code,
    coalesce(cell.country_label, label.country_label) as country_label,
    cell.indicator,
    cell.indicator_code,
    cell.network,
    cell.organisation,
    cell.to_ref_area,
    cell.time_period,
    cell.freq,
    cell.spatial_unit,
    cell.value_text,
    if(cell.is_as_written, try_cast(cell.value_text as double), cell.other_value) as obs_value,
    cell.obs_status,
    label.city_id,
    cell.label_id,
    cell.disposition,
    cell.reason
from {{ public('fct_source_cell') }} as cell
left join {{ public('dim_label') }} as label on label.label_id = cell.label_id
