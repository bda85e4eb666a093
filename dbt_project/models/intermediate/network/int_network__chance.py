"""One row per network × time period × pair of nodes × model: what they have in common, against
chance."""

import os
from pathlib import Path

from analysis.networks.chances import chances_all


def model(dbt, _session):
    dbt.config(materialized="table")
    presence = dbt.ref("int_network__presence").to_arrow_table()
    return chances_all(presence, Path(os.environ["WCN_CACHE"], "networks"))
