-- One row per cell (cell_id) that a rule of this folder rejects. Where several rules do, the first
-- in the order of the variable `implausible_reasons` gives the reason.
with found as (
    from {{ ref('int_implausible__country_step') }}
    union all
    from {{ ref('int_implausible__excursion') }}
    union all
    from {{ ref('int_implausible__shared') }}
    union all
    from {{ ref('int_implausible__scrambled') }}
    union all
    from {{ ref('int_implausible__step') }}
    union all
    from {{ ref('int_implausible__lone') }}
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
    from {{ ref('int_implausible__carried') }}
    union all
    from {{ ref('int_implausible__interpolated') }}
    union all
    from {{ ref('int_implausible__unit') }}
    union all
    from {{ ref('int_implausible__exchanged') }}
    union all
    from {{ ref('int_implausible__boundary') }}
    union all
    from {{ ref('int_implausible__relation') }}
),

-- Where most figures of a label are another place's, the few that would pass are, too.
misplaced as (
    select
        cell.source_id,
        cell.indicator,
        cell.spatial_unit,
        cell.city_id,
        min(found.reason) as reason
    from {{ ref('int_cell__comparable') }} as cell
    left join found
        on found.cell_id = cell.cell_id and found.reason in {{ var('place_reasons') }}
    group by all
    having
        count(distinct found.cell_id) > count(distinct cell.cell_id) / 2
        and count(distinct found.cell_id) < count(distinct cell.cell_id)
),

judged as (
    from found
    union all
    select
        cell.cell_id,
        misplaced.reason
    from {{ ref('int_cell__comparable') }} as cell
    inner join misplaced using (source_id, indicator, spatial_unit, city_id)
)

select
    cell_id,
    'rejected' as disposition,
    min_by(reason, list_position({{ var('implausible_reasons') }}, reason)) as reason
from judged
group by cell_id
