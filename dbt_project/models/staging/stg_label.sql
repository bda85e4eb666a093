-- One row per distinct label (label_id) that a source uses for a place it says something about:
-- where a figure belongs, and either end of a link.
with said as (
    select * from {{ ref('stg_cell') }}
    where filter_reason is null and coalesce(indicator, indicator_code, network) is not null
)

select
    label_id,
    source_id,
    code_scheme,
    ref_area_code,
    other_code_scheme,
    other_code,
    ref_area,
    country,
    admin1,
    latitude,
    longitude,
    spatial_unit
from said
group by all
union
select
    to_label_id,
    source_id,
    code_scheme,
    to_ref_area_code,
    null,
    null,
    to_ref_area,
    null,
    null,
    null,
    null,
    spatial_unit
from said
where to_label_id is not null
