-- One row per two labels (label_id, other_label_id) that a network ties together.
select distinct
    {{ own_label_id() }} as label_id,
    {{ far_label_id() }} as other_label_id
from {{ source('raw', 'cell') }}
where
    {{ has_resolved_label() }} and network is not null
    and coalesce(to_ref_area, to_ref_area_code) is not null
