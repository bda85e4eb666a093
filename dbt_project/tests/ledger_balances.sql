-- read = published + rejected + duplicate + filtered, for every source.
select distinct
    source_id,
    cells_read,
    published,
    rejected,
    duplicate,
    filtered
from {{ ref('fct_row_ledger') }}
where cells_read != published + rejected + duplicate + filtered
