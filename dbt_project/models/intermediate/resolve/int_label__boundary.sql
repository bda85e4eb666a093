-- One row per label (label_id) × range of years in which it means another boundary than it says: as
-- declared, else as its own figures show.
from {{ ref('int_label__declared_boundary') }}
union all by name
from {{ ref('int_label__implied_boundary') }}
where label_id not in (
    select declared.label_id from {{ ref('int_label__declared_boundary') }} as declared
)
