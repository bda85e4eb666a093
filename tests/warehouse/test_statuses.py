"""Statuses: what declarations map flags to, the code list knows."""

from __future__ import annotations

import csv

import pytest

from sources import catalog
from sources.catalog import ROOT


@pytest.mark.parametrize("source_id", sorted(catalog.load().sources))
def test_every_status_that_a_declaration_maps_to_is_in_the_code_list(source_id: str) -> None:
    with (ROOT / "dbt_project" / "seeds" / "observation_status.csv").open(encoding="utf-8") as f:
        known = {row["obs_status"] for row in csv.DictReader(f)}
    used: set[str] = set()
    for table in catalog.load().source(source_id).tables.values():
        used |= {*table.statuses.values(), *table.status_by_period}
        used |= {c.obs_status for c in table.columns.values() if c.obs_status}
    assert used - known == set()
