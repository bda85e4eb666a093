-- One row per series of one city (source × indicator × spatial unit × city) that is evidence
-- against the gazetteer's undated population: long, official, and steady around `middle`.
select
    cell.source_id,
    cell.indicator,
    cell.spatial_unit,
    cell.city_id,
    median(cell.log_value) as middle
from {{ ref('int_cell__comparable') }} as cell
inner join {{ source('raw', 'source') }} as source using (source_id)
where source.authority = 'official' and cell.log_value is not null
group by all
having
    count(*) >= {{ var('evidence_min_cells') }}
    and mad(cell.log_value) <= ln({{ var('evidence_max_spread') }})
