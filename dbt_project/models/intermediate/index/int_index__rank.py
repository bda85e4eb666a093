"""One row per index × year × city with a value: its rank and how sure it is, or why it has none."""

from analysis.indices.each import rank_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return rank_all(indices, dbt.ref("int_index__value").to_arrow_table())
