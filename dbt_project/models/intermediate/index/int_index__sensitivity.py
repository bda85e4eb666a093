"""One row per index × year × choice: how much of the shift of ranks it explains."""

from analysis.indices.each import sensitivity_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return sensitivity_all(indices, dbt.ref("int_index__value").to_arrow_table())
