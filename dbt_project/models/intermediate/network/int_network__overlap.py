"""One row per pair of networks with cities in common: ties of both, against chance."""

from analysis.networks.overlap import overlaps


def model(dbt, _session):
    dbt.config(materialized="table")
    return overlaps(dbt.ref("int_network__city_tie").to_arrow_table())
