-- One row per declared indicator.
select
    indicator,
    name,
    theme,
    unit_measure,
    direction,
    value_kind,
    price_base,
    definition,
    aggregation,
    min_periods::integer as min_periods,
    derived_from,
    valid_min,
    valid_above,
    valid_max
from {{ source('raw', 'indicator') }}
