-- One row per source cell, without what dim_label says of its label, and with its value only where
-- its text is not that number: a tenth of a release. fct_source_observation has them.
select
    cell.content_id,
    cell.row_number::bigint as row_number,
    cell.column_name,
    cell.source_id,
    cell.resource,
    cell.indicator,
    cell.indicator_code,
    cell.network,
    cell.organisation,
    cell.to_ref_area,
    cell.time_period,
    cell.freq,
    cell.spatial_unit,
    cell.value_text,
    coalesce(cell.obs_value = try_cast(cell.value_text as double), false) as is_as_written,
    if(is_as_written, null, cell.obs_value)::double as other_value,
    cell.obs_status,
    cell.label_id,
    coalesce(cell.disposition, objection.disposition, 'published') as disposition,
    coalesce(cell.reason, objection.reason) as reason,
    -- Of a gazetteer and of a code list, the cell is the name itself.
    if(cell.reason = 'reference', null, cell.ref_area) as ref_area_label,
    cell.ref_area_code,
    cell.country as country_label
from {{ ref('int_cell__resolved') }} as cell
left join {{ ref('int_cell__objection') }} as objection on objection.cell_id = cell.cell_id
-- As the file has them: what a row's cells share lies side by side, which is 2 MB smaller.
order by cell.content_id, cell.row_number, cell.column_name
