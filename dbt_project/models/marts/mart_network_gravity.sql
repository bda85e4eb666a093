-- One row per network × term of its regression on size and distance, in its last period.
select
    network,
    time_period,
    try_cast(time_period as integer) as year,
    term,
    coefficient,
    standard_error,
    n_cities::integer as n_cities,
    n_tied::integer as n_tied,
    n_untied::bigint as n_untied,
    n_untied_drawn::integer as n_untied_drawn,
    seed::integer as seed,
    deviance_explained
from {{ ref('int_network__gravity') }}
order by network, term
