-- One row per code list entry: source × list × code.
select
    source_id,
    resource as code_list,
    code,
    label
from {{ ref('stg_code') }}
