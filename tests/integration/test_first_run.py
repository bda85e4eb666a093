"""Corruption on the very first run, where there is nothing to fall back to; and the last door.

Only what gate 2 judged becomes a release, whoever asks for it.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sources.catalog import ROOT
from sources.home import Home
from tests.fixtures import corrupt, flawed
from tests.fixtures import world as w
from tests.fixtures.flawed import CORRUPTIONS, GOOD, LONE_SLIPS, SLIP_YEAR, contents, slips, times
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World, write_archive


@dataclass
class First:
    """A warehouse after its first run, and what that run said."""

    warehouse: Warehouse
    said: str

    def figures(self, source_id: str) -> dict[tuple[Any, ...], float]:
        found = self.warehouse.query(
            "select city_id, indicator, time_period, obs_value from fct_observation"
            " where source_id = ?",
            source_id,
        )
        return {row[:3]: row[3] for row in found}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return flawed.declare(tmp_path_factory.mktemp("publishers"))


@pytest.fixture(scope="module")
def first(catalogue: Path, world: World, tmp_path_factory: pytest.TempPathFactory) -> First:
    """A first run that meets slips, swapped columns and broken files."""
    folder = tmp_path_factory.mktemp("first")
    changes = {
        "slipped_unit": times(3, 1000),
        "headers_swapped": CORRUPTIONS["headers_swapped"][0],
        "html": CORRUPTIONS["html"][0],
        "cut_in_a_row": CORRUPTIONS["cut_in_a_row"][0],
        "lone_slips": slips,
    }
    met = write_archive(folder / "archive", contents(world, **changes))
    warehouse = Warehouse(Home(folder / "data"), catalogue)
    return First(warehouse, warehouse.run(met))


@pytest.mark.parametrize("name", ["slipped_unit", "headers_swapped"])
def test_a_slip_on_the_first_run_is_withheld(first: First, name: str) -> None:
    published = {i for _, i, _ in first.figures(f"flawed__{name}")}
    assert "population" not in published
    verdict = first.warehouse.query(
        "select verdict, reason from fct_series_verdict where source_id = ?"
        " and indicator = 'population'",
        f"flawed__{name}",
    )
    assert [v for v, _ in verdict] == ["withheld"]
    assert "implausible_values_are_rare" in verdict[0][1]
    assert f"withheld flawed__{name} population" in first.said


def test_lone_slips_on_the_first_run_are_rejected(first: First) -> None:
    good, slipped = first.figures(GOOD), first.figures(LONE_SLIPS)
    missing = good.keys() - slipped.keys()
    assert {k[1:] for k in missing} == {("gdp_cny", SLIP_YEAR)}
    assert len(missing) == 24
    assert all(good[k] == v for k, v in slipped.items())


@pytest.mark.parametrize("name", ["html", "cut_in_a_row"])
def test_a_broken_file_on_the_first_run_leaves_its_source_out(first: First, name: str) -> None:
    assert first.figures(f"flawed__{name}") == {}
    state = first.warehouse.query(
        "select state from dim_source where source_id = ?", f"flawed__{name}"
    )
    assert state == [("unavailable",)]
    (failure,) = first.warehouse.offer(f"flawed__{name}")["failures"]
    assert CORRUPTIONS[name][1] in failure


def test_a_broken_required_source_stops_the_run_and_nothing_is_published(
    catalogue: Path, world: World, tmp_path: Path
) -> None:
    files = contents(world) | {w.GAZETTEER: corrupt.HTML}
    warehouse = Warehouse(Home(tmp_path / "data"), catalogue)
    said = warehouse.run(write_archive(tmp_path / "archive", files), ok=False)
    assert "This run published nothing" in said
    assert w.GAZETTEER in said
    assert "page of markup" in " ".join(said.split())
    assert warehouse.shelf.versions() == []


# --- the last door: only what gate 2 judged becomes a release

_MATERIALISE_RELEASE = """
from dagster import AssetKey, DagsterInstance
from orchestration.definitions import definitions
job = definitions.resolve_job_def("refresh")
with DagsterInstance.get() as instance:
    result = job.execute_in_process(
        instance=instance, asset_selection=[AssetKey("release")], raise_on_error=False,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
    )
for event in result.all_events:
    if event.is_step_failure:
        error = event.event_specific_data.error
        while error.cause is not None:
            error = error.cause
        print("FAILED", error.cls_name, error.message)
print("SUCCESS" if result.success else "NO")
"""


def _materialise_release(warehouse: Warehouse) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _MATERIALISE_RELEASE],
        cwd=ROOT,
        env=warehouse.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@pytest.mark.parametrize("what", ["candidate", "manifest"])
def test_a_release_of_other_bytes_than_were_judged_is_refused(first: First, what: str) -> None:
    home = first.warehouse.home
    path = {"candidate": home.candidate, "manifest": home.manifest}[what]
    before, versions = path.read_bytes(), first.warehouse.shelf.versions()
    try:
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        said = _materialise_release(first.warehouse)
    finally:
        path.write_bytes(before)
    assert "FAILED ReleaseRefused" in said
    assert f"the {what} is not the one that gate 2 judged" in said
    assert first.warehouse.shelf.versions() == versions
    assert first.warehouse.shelf.verify_pointer() == []


def test_a_release_without_evidence_is_refused(first: First) -> None:
    evidence = first.warehouse.home.build / "evidence.json"
    before = evidence.read_bytes()
    try:
        evidence.unlink()
        said = _materialise_release(first.warehouse)
    finally:
        evidence.write_bytes(before)
    assert "there is no evidence of a passed gate 2" in said
    assert "SUCCESS" not in said
