-- One row per declared index: what it asks, for whom, how it is made and what it cannot say.
select
    index,
    name,
    question,
    audience,
    purpose,
    reading,
    limits,
    normalise,
    aggregate,
    year_lag,
    array_to_string(spatial_units, ', ') as spatial_units,
    min_population,
    coverage_index,
    coverage_part,
    draws,
    seed,
    declared
from {{ source('raw', 'index') }}
order by index
