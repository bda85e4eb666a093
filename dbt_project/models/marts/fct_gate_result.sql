-- One row per check of gate 1: what was expected, and how many series broke it.
select
    check_name,
    severity,
    expectation,
    success,
    unexpected::bigint as unexpected
from {{ source('raw', 'gate_result') }}
