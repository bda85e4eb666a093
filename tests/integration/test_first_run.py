"""Corruption on the very first run, where there is nothing to fall back to; and the last door.

Only what gate 2 judged becomes a release, whoever asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from dagster import DagsterInstance, materialize

from core.errors import ReleaseRefused
from core.paths import DataPaths
from orchestration.assets.release import release
from orchestration.resources import WriteSlot
from tests.fixtures import corrupt, flawed
from tests.fixtures import world as w
from tests.fixtures.flawed import CORRUPTIONS, GOOD, LONE_SLIPS, SLIP_YEAR, contents, slips, times
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World, write_archive
from warehouse import build, gates, publish, resolution
from warehouse.project import Project


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
    warehouse = Warehouse(DataPaths(folder / "data"), catalogue)
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
    (failure,) = first.warehouse.snapshot(f"flawed__{name}")["failures"]
    assert CORRUPTIONS[name][1] in failure


def test_a_broken_required_source_stops_the_run_and_nothing_is_published(
    catalogue: Path, world: World, tmp_path: Path
) -> None:
    files = contents(world) | {w.GAZETTEER: corrupt.HTML}
    warehouse = Warehouse(DataPaths(tmp_path / "data"), catalogue)
    said = warehouse.run(write_archive(tmp_path / "archive", files), ok=False)
    assert "This run published nothing" in said
    assert w.GAZETTEER in said
    assert "page of markup" in " ".join(said.split())
    assert warehouse.store.versions() == []


# --- the last door: only what gate 2 judged becomes a release


@pytest.fixture(scope="module")
def judged(first: First) -> Project:
    """The same build once more, up to gate 2: a candidate that waits to be published."""
    project = first.warehouse.project
    build.begin(project, build.assemble(project))
    build.model(project, "dbt_stage")
    resolution.resolve_cities(project)
    build.model(project, "dbt_observe")
    gates.judge_all_series(project)
    build.model(project, "dbt_model")
    publish.complete(project)
    gates.judge_the_candidate(project)
    return project


@pytest.mark.parametrize("what", ["candidate", "manifest"])
def test_a_release_of_other_bytes_than_were_judged_is_refused(judged: Project, what: str) -> None:
    path = {"candidate": judged.paths.candidate, "manifest": judged.paths.manifest}[what]
    before, versions = path.read_bytes(), judged.releases.versions()
    try:
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(ReleaseRefused, match=f"the {what} is not the one that gate 2 judged"):
            publish.publish(judged)
    finally:
        path.write_bytes(before)
    assert judged.releases.versions() == versions
    assert judged.releases.verify_pointer() == []


def test_a_release_without_evidence_is_refused(judged: Project) -> None:
    before = judged.paths.evidence.read_bytes()
    try:
        judged.paths.evidence.unlink()
        with pytest.raises(ReleaseRefused, match="there is no evidence of a passed gate 2"):
            publish.publish(judged)
    finally:
        judged.paths.evidence.write_bytes(before)


@pytest.mark.parametrize("where", ["a log", "Data Docs"])
def test_a_release_is_refused_where_a_secret_stands_in_a_file(
    judged: Project, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    folder = {"a log": judged.paths.root / "dagster", "Data Docs": judged.paths.quality}[where]
    file, versions = folder / "said.txt", judged.releases.versions()
    monkeypatch.setenv("WCN_DEMO_KEY", "the key of a service")
    folder.mkdir(exist_ok=True)
    try:
        file.write_text("Invalid API key: the+key+of+a+service", encoding="utf-8")
        with pytest.raises(ReleaseRefused, match=r"WCN_DEMO_KEY stands in .*said\.txt"):
            publish.publish(judged)
    finally:
        file.unlink()
    assert judged.releases.versions() == versions


def test_a_release_is_refused_where_a_secret_stands_in_a_table(
    judged: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The title of a source stands in a table, and in no file.
    title = max(s.title for s in judged.catalog.sources.values())
    monkeypatch.setenv("WCN_DEMO_KEY", title)
    with pytest.raises(ReleaseRefused, match="WCN_DEMO_KEY stands in"):
        publish.publish(judged)


def test_materialising_the_release_alone_is_refused_too(judged: Project) -> None:
    """Whoever asks for it: in Dagster the asset is the same function."""
    before = judged.paths.evidence.read_bytes()
    try:
        judged.paths.evidence.unlink()
        with DagsterInstance.ephemeral() as instance:
            result = materialize(
                [release(judged)],
                instance=instance,
                resources={"write_slot": WriteSlot(data_home=str(judged.paths.root))},
                raise_on_error=False,
            )
        assert not result.success
    finally:
        judged.paths.evidence.write_bytes(before)
