-- 53 bits of a hash could collide. Then two labels would be resolved as one.
select
    label_id,
    count(*) as labels
from {{ ref('stg_label') }}
group by label_id
having count(*) > 1
