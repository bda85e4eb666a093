"""One row per network × time period × node × part of the world: what its ties within it say."""

import os
from pathlib import Path

from analysis.networks.regions import within_all


def model(dbt, _session):
    dbt.config(materialized="table")
    parts = dbt.ref("int_network__scope").to_arrow_table()
    ties = dbt.ref("int_network__tie").to_arrow_table()
    return within_all(parts, ties, Path(os.environ["WCN_CACHE"], "networks"))
