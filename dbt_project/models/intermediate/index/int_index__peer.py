"""One row per index × year × city × place: the cities that are most like it."""

from analysis.indices.each import peer_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return peer_all(indices, dbt.ref("int_index__value").to_arrow_table())
