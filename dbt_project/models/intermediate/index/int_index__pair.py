"""One row per index × year × two cities of near ranks: how sure their order is."""

from analysis.indices.each import pair_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return pair_all(indices, dbt.ref("int_index__value").to_arrow_table())
