"""One row per index × year × city with a rank × node: value, score, weight and contribution."""

from analysis.indices.each import score_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    return score_all(indices, dbt.ref("int_index__value").to_arrow_table())
