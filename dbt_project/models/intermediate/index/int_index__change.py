"""One row per index × year × basis × city: what made its score and rank change."""

from analysis.indices.each import change_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    before = dbt.ref("int_index__before").to_arrow_table()
    return change_all(indices, before, dbt.ref("int_index__value").to_arrow_table())
