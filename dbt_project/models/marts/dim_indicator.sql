-- One row per indicator of which the release has a figure, of a city or of a country.
select
    indicator,
    name,
    theme,
    concept,
    unit_measure,
    direction,
    direction_reason,
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
where
    indicator in (select indicator from {{ ref('int_fact') }})
    or indicator in (select indicator from {{ ref('fct_country_observation') }})
