-- One row per cell (cell_id) that a rule of this folder rejects. Where several rules do, the first
-- in the order of the variable `implausible_reasons` gives the reason.
with found as (
    from {{ ref('int_implausible__country_step') }}
    union all
    from {{ ref('int_implausible__shared') }}
    union all
    from {{ ref('int_implausible__scrambled') }}
    union all
    from {{ ref('int_implausible__step') }}
    union all
    from {{ ref('int_implausible__decimal') }}
    union all
    from {{ ref('int_implausible__outlier') }}
    union all
    from {{ ref('int_implausible__per_person') }}
    union all
    from {{ ref('int_implausible__placeholder') }}
    union all
    from {{ ref('int_implausible__gazetteer') }}
    union all
    from {{ ref('int_implausible__founded') }}
    union all
    from {{ ref('int_implausible__boundary') }}
    union all
    from {{ ref('int_implausible__relation') }}
)

select
    cell_id,
    'rejected' as disposition,
    min_by(reason, list_position({{ var('implausible_reasons') }}, reason)) as reason
from found
group by cell_id
