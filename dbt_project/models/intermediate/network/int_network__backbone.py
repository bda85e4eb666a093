"""One row per network × time period × pair of nodes: organisations in common, against chance."""

from analysis.networks.backbone import backbone_all


def model(dbt, _session):
    dbt.config(materialized="table")
    return backbone_all(dbt.ref("int_network__presence").to_arrow_table())
