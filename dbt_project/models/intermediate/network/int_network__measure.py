"""One row per network × time period × node: what a graph library says of it."""

import os
from pathlib import Path

from analysis.networks.measures import measure_all


def model(dbt, _session):
    dbt.config(materialized="table")
    nodes = dbt.ref("int_network__node").to_arrow_table()
    ties = dbt.ref("int_network__tie").to_arrow_table()
    return measure_all(nodes, ties, Path(os.environ["WCN_CACHE"], "networks"))
