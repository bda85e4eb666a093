"""One row per index × year × basis × two cities: who was overtaken by whom, and why."""

from analysis.indices.each import pass_all


def model(dbt, _session):
    dbt.config(materialized="table")
    indices = dbt.source("raw", "index").to_arrow_table()
    before = dbt.ref("int_index__before").to_arrow_table()
    return pass_all(indices, before, dbt.ref("int_index__value").to_arrow_table())
