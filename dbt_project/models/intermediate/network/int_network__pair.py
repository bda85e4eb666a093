"""One row per network × time_period × pair of nodes with organisations in common: the interlock,
which is the sum of the products of their service values over organisations (Taylor 2001)."""

from analysis.networks.pairs import interlocks_all


def model(dbt, _session):
    dbt.config(materialized="table")
    return interlocks_all(dbt.ref("int_network__presence").to_arrow_table())
