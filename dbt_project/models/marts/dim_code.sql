-- One row per code list entry: source × list × code × the second identifier of the place it names.
-- Lists that anyone may write in say some things twice.
select distinct
    source_id,
    resource as code_list,
    code,
    label,
    other_code_scheme,
    other_code
from {{ ref('stg_code') }}
