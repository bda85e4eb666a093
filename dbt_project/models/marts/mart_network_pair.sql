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
    -- Where every tie is certain, what is left of the spread is rounding.
    if(spread > 1e-6, (n_both - expected_both) / spread, null) as z
from {{ ref('int_network__overlap') }}
order by one, other
