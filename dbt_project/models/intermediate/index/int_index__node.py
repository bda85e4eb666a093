"""One row per index × year × node: what it really weighs, what ranks would be without it, and what
was done to outliers of a leaf."""

from analysis.indices.each import node_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return node_all(indices, dbt.ref("int_index__value").to_arrow_table())
