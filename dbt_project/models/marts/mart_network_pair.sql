-- One row per pair of networks with cities in common: how far they agree, each in its last period.
select
    one,
    other,
    one_period,
    other_period,
    n_cities::integer as n_cities,
    degree_correlation,
    n_ties_one::integer as n_ties_one,
    n_ties_other::integer as n_ties_other,
    n_both::integer as n_both,
    n_both / nullif(n_ties_one + n_ties_other - n_both, 0) as edge_overlap,
    expected_both,
    (n_both - expected_both) / nullif(spread, 0) as z
from {{ ref('int_network__overlap') }}
order by one, other
