"""Somebody spoils a YAML: all others go on, and readers keep what they have of its source."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path

import pytest
from dagster import DagsterInstance

from catalog import load as concepts
from core.errors import ReleaseRefused
from orchestration.assets.raw import raw_key
from orchestration.definitions import build_definitions
from orchestration.tables import literal
from sources.landing import read_index
from tests.fixtures import world as w
from tests.fixtures.broken import SPOILT, publishers
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World
from warehouse import pipeline
from warehouse.build import begin_if_new
from warehouse.project import Project

_FIGURES = """select city_id, indicator, spatial_unit, time_period, obs_value from fct_observation
    where source_id = ? order by all"""


@pytest.fixture
def mine(built: Warehouse, tmp_path: Path) -> Warehouse:
    """The warehouse after its first release, with declarations that a test may spoil."""
    return dataclasses.replace(built, publishers=publishers(tmp_path))


def _yearbook(warehouse: Warehouse) -> Path:
    return warehouse.publishers / "bureau" / "yearbook.yml"


def _said(project: Project) -> str:
    return str(project.catalog.broken[w.YEARBOOK])


@pytest.mark.parametrize("kind", SPOILT)
def test_a_spoilt_source_keeps_what_was_accepted_and_changes_no_release(
    mine: Warehouse, kind: str, world: World, tmp_path: Path
) -> None:
    SPOILT[kind][0](_yearbook(mine))
    project = mine.project
    index = world.write(tmp_path / "archive")
    context = project.fetch_context(archive=read_index(index, index.parent))
    given = {s.source_id: s for _, s in pipeline.obtain(project, context, project.catalog.ids)}
    assert given[w.YEARBOOK].state == "stale"
    assert given[w.YEARBOOK].failures == (_said(project),)
    kept = mine.current["build"]["sources"][w.YEARBOOK]["contents"]
    assert [c.content_id for c in given[w.YEARBOOK].contents] == [c["content_id"] for c in kept]
    assert {s.state for i, s in given.items() if i != w.YEARBOOK} == {"archive"}
    assert begin_if_new(project) is None


def test_the_others_new_data_are_released_and_the_spoilt_sources_figures_stay(
    mine: Warehouse, world: World, tmp_path: Path
) -> None:
    SPOILT["unknown field"][0](_yearbook(mine))
    (mine.publishers / "bureau" / "new.yml").write_text("title: [", encoding="utf-8")
    before = {s: mine.query(_FIGURES, s) for s in (w.YEARBOOK, w.PRICES)}
    first = mine.current["version"]
    news = world.changed()
    # The spoilt source has new data as well: nobody knows how to read them.
    news.tables[w.YEARBOOK][1][3] = "1"
    news.tables[w.PRICES][0][4] = news.tables[w.PRICES][1][4]
    said = mine.run(news.write(tmp_path / "archive"))
    assert mine.current["version"] != first
    assert mine.query(_FIGURES, w.YEARBOOK) == before[w.YEARBOOK]
    assert mine.query(_FIGURES, w.PRICES) != before[w.PRICES]
    assert mine.query("select state from dim_source where source_id = ?", w.YEARBOOK) == [
        ("stale",)
    ]
    counted = mine.query(
        "select disposition, reason, cells from fct_row_ledger where source_id = ?", w.YEARBOOK
    )
    assert Counter({(d, r or ""): n for d, r, n in counted}) == world.ledger[w.YEARBOOK]
    assert mine.query(
        "select count(*) from fct_row_ledger where cells_read != published + rejected"
        " + duplicate + filtered"
    ) == [(0,)]
    # It is said where a person looks: at the end of the run, in the alerts, in the list.
    end = said[said.rindex("Try, in Python") :]
    assert "bureau/yearbook.yml" in end
    assert "bureau/new.yml" in end
    alerts = (mine.paths.root / "alerts.log").read_text(encoding="utf-8")
    assert alerts.count(f"stale: {w.YEARBOOK}: {w.YEARBOOK}: expected a sound source") == 1
    assert alerts.count("unavailable: bureau__new: bureau__new: expected YAML") == 1
    listed = mine.wcn("sources")
    assert listed.count("broken declaration: expected") == 2
    assert "2 broken declarations" in mine.wcn("sources", "check", ok=False)
    # The next release keeps the last good one too.
    assert begin_if_new(mine.project) is None
    shutil.copy(publishers(tmp_path / "good") / "bureau" / "yearbook.yml", _yearbook(mine))
    (mine.publishers / "bureau" / "new.yml").unlink()
    assert "broken declaration" not in mine.run(news.write(tmp_path / "archive"), "--only", w.CODES)
    assert "all sound" in mine.wcn("sources", "check")


def test_a_broken_indicator_stops_the_sources_that_use_it_and_withdraws_nothing(
    mine: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = Path(shutil.copytree(concepts.ROOM, tmp_path / "catalog"))
    (room / "indicators" / "population" / "population.yml").write_text("name: [", encoding="utf-8")
    monkeypatch.setattr(concepts, "ROOM", room)
    project = mine.project
    context = project.fetch_context(offline=True)
    given = {s.source_id: s for _, s in pipeline.obtain(project, context, project.catalog.ids)}
    stale = {i for i, s in given.items() if s.state == "stale"}
    assert w.YEARBOOK in stale
    assert w.PRICES not in stale
    assert begin_if_new(project) is None


def test_figures_that_nothing_stands_in_for_are_not_withdrawn(mine: Warehouse) -> None:
    SPOILT["YAML syntax"][0](_yearbook(mine))
    project = mine.project
    vars(project)["_last_good"] = {}  # as after a release of an earlier version
    with pytest.raises(ReleaseRefused, match=r"(?s)has data of a source .* bureau/yearbook\.yml"):
        begin_if_new(project)


def test_only_a_broken_source_is_its_error(mine: Warehouse) -> None:
    (mine.publishers / "bureau" / "new.yml").write_text("title: [", encoding="utf-8")
    said = mine.run(None, "--only", "bureau__new", ok=False)
    assert said.startswith("Error: bureau__new: expected YAML in UTF-8")


def test_dagster_shows_broken_sources_as_assets_whose_check_fails(mine: Warehouse) -> None:
    SPOILT["unknown field"][0](_yearbook(mine))
    (mine.publishers / "bureau" / "new.yml").write_text("title: [", encoding="utf-8")
    (mine.publishers / "bureau" / "not so new.yml").touch()
    project = mine.project
    definitions = build_definitions(project)
    graph = definitions.resolve_asset_graph()
    for source_id, error in project.catalog.broken.items():
        said = graph.get(raw_key(source_id)).description or ""
        assert said.startswith(literal(str(error)))
    chosen = [raw_key(s) for s in (w.YEARBOOK, "bureau__new", w.PRICES)]
    with DagsterInstance.ephemeral() as instance:
        ran = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance,
            asset_selection=chosen,
            run_config={"resources": {"fetch_options": {"config": {"offline": True}}}},
        )
    assert ran.success
    checks = {
        e.asset_key.path[-1]: e
        for e in ran.get_asset_check_evaluations()
        if e.check_name == "obtained"
    }
    assert {s for s, e in checks.items() if not e.passed} == {w.YEARBOOK, "bureau__new"}
    for source_id in (w.YEARBOOK, "bureau__new"):
        failures = checks[source_id].metadata["failures"].value
        assert str(failures).startswith(str(project.catalog.broken[source_id]))


@pytest.mark.parametrize("kind", SPOILT)
def test_the_code_location_loads_whatever_is_broken(mine: Warehouse, kind: str) -> None:
    SPOILT[kind][0](_yearbook(mine))
    assert raw_key(w.YEARBOOK) in build_definitions(mine.project).resolve_all_asset_keys()
