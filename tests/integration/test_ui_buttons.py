"""What the buttons of the Dagster UI promise, on a running `wcn ui`, through its GraphQL.

And that it answers under the names of this machine, and under no other.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil
import pytest

from core.paths import DataPaths
from tests.fixtures import dagster_ui
from tests.fixtures import world as w
from tests.fixtures.dagster_ui import Ui
from tests.fixtures.live_world import LiveWorld, served
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World
from warehouse.unreleased import unreleased

pytestmark = pytest.mark.slow(reason="`wcn ui` and a dozen runs of it", minutes=4)


@dataclass
class Desk:
    """What a data engineer sits at: the UI, the warehouse behind it, the servers of the sources."""

    ui: Ui
    here: Warehouse
    live: LiveWorld

    def current(self) -> str | None:
        document = self.here.store.current()
        return str(document["version"]) if document else None

    def executable(self) -> list[str]:
        nodes = self.ui.ask("{ assetNodes { assetKey { path } isExecutable } }")["assetNodes"]
        return ["/".join(n["assetKey"]["path"]) for n in nodes if n["isExecutable"]]

    def quiet(self) -> None:
        """Wait until no run is under way, as the sensors start some by themselves."""
        self.ui.wait(
            lambda: all(r["status"] in dagster_ui.FINISHED for r in self.ui.runs()), 120, "quiet"
        )

    def stale(self) -> list[str]:
        nodes = self.ui.ask("{ assetNodes { assetKey { path } staleStatus } }")["assetNodes"]
        return ["/".join(n["assetKey"]["path"]) for n in nodes if n["staleStatus"] == "STALE"]

    def description(self, asset: str) -> str:
        nodes = self.ui.ask("{ assetNodes { assetKey { path } description } }")["assetNodes"]
        (found,) = [n["description"] for n in nodes if n["assetKey"]["path"] == asset.split("/")]
        return str(found)

    def look(self, sensor: str) -> list[Any]:
        """The runs that a sensor would ask for if it looked now."""
        asked = """mutation($s: SensorSelector!) { sensorDryRun(selectorData: $s, cursor: "") {
            __typename ... on DryRunInstigationTick { evaluationResult {
              runRequests { runKey tags { key value } } error { message } } } } }"""
        which = {**dagster_ui.LOCATION, "sensorName": sensor}
        result = self.ui.ask(asked, s=which)["sensorDryRun"]["evaluationResult"]
        assert result["error"] is None, result
        return result["runRequests"] or []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, world: World) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    contents = {s: world.data(s) for s in world.tables}
    with served(contents, folder) as live:
        here = Warehouse(DataPaths(folder / "data"), publishers=live.publishers)
        with dagster_ui.running(here.environment | {"NO_PROXY": "*"}, folder) as ui:
            yield Desk(ui, here, live)


_LABELS = ("stg_label", "label_id_means_one_label")


def _revised(world: World, factor: float) -> bytes:
    """The yearbook with one other figure."""
    later = world.changed()
    row = later.tables[w.YEARBOOK][later.yearbook_row(50, 2015)]
    row[3] = str(round(float(row[3]) * factor, 3))
    return later.data(w.YEARBOOK)


def _is_obtained(desk: Desk, run: str, source_id: str) -> bool:
    return any(
        e["__typename"] == "MaterializationEvent" and e["assetKey"]["path"][-1] == source_id
        for e in desk.ui.events(run)
    )


def _text(event: dict[str, Any], label: str) -> str:
    entries = event.get("metadataEntries") or event["evaluation"]["metadataEntries"]
    (entry,) = [e for e in entries if e["label"] == label]
    return str(next(v for k, v in entry.items() if k != "label"))


def _checks(events: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (e["evaluation"]["assetKey"]["path"][-1], e["evaluation"]["checkName"]): e
        for e in events
        if e["__typename"] == "AssetCheckEvaluationEvent"
    }


def test_terminate_ends_a_run_that_waits_for_a_source_and_nothing_is_released(desk: Desk) -> None:
    desk.live.delay[w.YEARBOOK] = 60
    try:
        run = desk.ui.launch(desk.executable())
        desk.ui.wait(lambda: desk.live.asked[w.YEARBOOK], 60, "the source to be asked")
        desk.ui.terminate(run)
        # Sooner than the server says anything.
        assert desk.ui.finish(run, 50) == "CANCELED"
    finally:
        desk.live.delay.clear()
    assert desk.current() is None
    assert [r["status"] for r in desk.ui.runs()] == ["CANCELED"]


def test_materialize_all_obtains_and_releases_in_one_run(desk: Desk) -> None:
    events = desk.ui.succeed(desk.ui.launch(desk.executable()))
    assert desk.current()
    assert len(desk.here.store.versions()) == 1
    made = [e for e in events if e["__typename"] == "MaterializationEvent"]
    by_key = {e["assetKey"]["path"][-1]: e for e in made}
    assert set(desk.here.project.catalog.sources) < set(by_key)
    assert "| added |" in _text(by_key["release"], "changes")
    assert len(_text(by_key["release"], "changes")) < 5000


def test_models_are_told_as_they_are_made(desk: Desk) -> None:
    run = next(r["runId"] for r in desk.ui.runs() if r["status"] == "SUCCESS")
    events = desk.ui.events(run)
    told = [
        (float(e["timestamp"]), e["__typename"])
        for e in events
        if e.get("stepKey") == "dbt_model"
        and e["__typename"] in ("MaterializationEvent", "ExecutionStepSuccessEvent")
    ]
    first, last = told[0][0], told[-1][0]
    assert last - first > 200  # milliseconds: they came one by one, not all at the end
    messages = [e.get("message", "") for e in events if e["__typename"] == "LogMessageEvent"]
    for line in ("atlas__gazetteer: live: 66 cells", "cities: candidates", "gate 1: "):
        assert any(line in m for m in messages), line


def test_each_check_of_a_gate_names_the_series_what_was_expected_and_what_was_found(
    desk: Desk,
) -> None:
    run = next(r["runId"] for r in desk.ui.runs() if r["status"] == "SUCCESS")
    checks = _checks(desk.ui.events(run))
    failed = checks["series_gate", "cities_differ"]
    assert not failed["evaluation"]["success"]
    found = _text(failed, "found")
    assert (
        f"source_id: {w.ENVIRONMENT}; indicator: commute_time; spatial_unit: city_proper" in found
    )
    assert "found: 1; allowed: to 0.8" in found
    assert "the same number in all cities" in _text(failed, "expected")
    assert checks["candidate_gate", "ledger_balances"]["evaluation"]["success"]


def test_checks_run_alone_on_the_release_that_took_the_tables_along(desk: Desk) -> None:
    checks = desk.ui.ask(
        "{ assetNodes { assetKey { path } assetChecksOrError { ... on AssetChecks { checks {"
        " name } } } } }"
    )["assetNodes"]
    of_cities = [
        ("dim_city", c["name"])
        for n in checks
        if n["assetKey"]["path"] == ["dim_city"]
        for c in n["assetChecksOrError"]["checks"]
    ]
    assert of_cities
    before = (desk.here.paths.releases / str(desk.current()) / "warehouse.duckdb").read_bytes()
    events = desk.ui.succeed(desk.ui.launch(checks=[*of_cities, _LABELS]))
    found = _checks(events)
    assert {*of_cities, _LABELS} == found.keys()
    assert all(c["evaluation"]["success"] for c in found.values())
    after = (desk.here.paths.releases / str(desk.current()) / "warehouse.duckdb").read_bytes()
    assert before == after


def test_a_model_whose_build_is_over_says_before_it_starts_what_it_needs(desk: Desk) -> None:
    before = desk.current()
    run = desk.ui.launch(["mart_observation"])
    assert desk.ui.finish(run) == "FAILURE"
    (failure,) = [e for e in desk.ui.events(run) if e["__typename"] == "ExecutionStepFailureEvent"]
    assert "mart_observation reads dim_city" in str(failure["error"])
    assert "all from `build_manifest` on" in str(failure["error"])
    assert not [e for e in desk.ui.events(run) if e["__typename"] == "MaterializationEvent"]
    assert desk.current() == before


def test_what_a_terminated_refresh_obtained_is_not_released_afterwards(
    desk: Desk, world: World
) -> None:
    before = desk.current()
    desk.live.contents[w.YEARBOOK] = _revised(world, 1.02)
    desk.live.delay[w.NORMALS] = 60
    try:
        run = desk.ui.launch(job="refresh")
        desk.ui.wait(lambda: _is_obtained(desk, run, w.YEARBOOK), 60, "the new content")
        desk.ui.terminate(run)
        assert desk.ui.finish(run) == "CANCELED"
    finally:
        desk.live.delay.clear()
    assert unreleased(desk.here.project).keys() == {w.YEARBOOK}
    assert desk.look("release_what_is_new") == []
    assert desk.current() == before


def test_a_source_that_gives_nothing_is_observed_and_not_materialised(desk: Desk) -> None:
    desk.live.status[w.NORMALS] = 503
    try:
        run = desk.ui.launch([f"raw/{w.NORMALS}"])
        assert desk.ui.finish(run) == "SUCCESS"
    finally:
        desk.live.status.clear()
    events = desk.ui.events(run)
    assert not [e for e in events if e["__typename"] == "MaterializationEvent"]
    assert [e for e in events if e["__typename"] == "ObservationEvent"]
    assert not _checks(events)[w.NORMALS, "obtained"]["evaluation"]["success"]
    assert not _checks(events)[w.NORMALS, "fresh"]["evaluation"]["success"]


def test_one_click_on_a_source_leads_to_a_release(desk: Desk, world: World) -> None:
    desk.live.contents[w.YEARBOOK] = _revised(world, 1.01)
    desk.quiet()
    before = desk.current()
    assert desk.ui.finish(desk.ui.launch([f"raw/{w.YEARBOOK}"])) == "SUCCESS"
    desk.ui.wait(lambda: desk.current() != before, 120, "a release of what is new")
    desk.quiet()
    assert desk.ui.runs()[0]["jobName"] == "build_release"


def test_a_rollback_stays(desk: Desk) -> None:
    first = desk.here.store.versions()[0]
    last = desk.current()
    assert last != first
    desk.here.wcn("release", "rollback", first)
    assert unreleased(desk.here.project)
    assert desk.look("release_what_is_new") == []
    assert desk.current() == first
    desk.here.wcn("release", "rollback", str(last))


def test_a_refresh_that_finds_nothing_new_makes_no_release_and_leaves_nothing_unsynced(
    desk: Desk,
) -> None:
    desk.quiet()
    before = desk.current()
    assert desk.ui.finish(desk.ui.launch(job="refresh")) == "SUCCESS"
    assert desk.current() == before
    assert desk.stale() == []


def test_a_broken_yaml_takes_no_other_asset_away_and_is_mended_without_a_restart(
    desk: Desk,
) -> None:
    file = desk.live.publishers / "climate" / "normals.yml"
    sound = file.read_text(encoding="utf-8")
    before = set(desk.executable())
    file.write_text("title: [", encoding="utf-8")
    try:
        desk.ui.reload()
        assert set(desk.executable()) == before
        assert "expected YAML in UTF-8" in desk.description(f"raw/{w.NORMALS}")
        events = desk.ui.succeed(desk.ui.launch([f"raw/{w.NORMALS}"]))
        failed = _checks(events)[w.NORMALS, "obtained"]
        assert "mend the YAML file" in _text(failed, "failures")
    finally:
        file.write_text(sound, encoding="utf-8")
    desk.ui.reload()
    assert "expected YAML" not in desk.description(f"raw/{w.NORMALS}")


def test_a_slow_host_does_not_blind_the_sensor_that_asks_for_news(desk: Desk) -> None:
    before = desk.live.contents[w.PRICES]
    desk.live.contents[w.PRICES] = before + b"\n"
    desk.live.delay[w.NORMALS] = 60
    try:
        (request,) = desk.look("changed_sources")
    finally:
        desk.live.delay.clear()
        desk.live.contents[w.PRICES] = before
    assert {"key": "changed", "value": w.PRICES} in request["tags"]


def test_a_model_is_refreshed_by_one_job_per_cadence_and_the_schedules_by_one_each(
    desk: Desk,
) -> None:
    nodes = desk.ui.ask("{ assetNodes { assetKey { path } jobNames } }")["assetNodes"]
    (jobs,) = [n["jobNames"] for n in nodes if n["assetKey"]["path"] == ["mart_observation"]]
    cadences = {s.cadence for s in desk.here.project.catalog.sources.values()} - {"frozen"}
    named = {f"refresh_{c}" for c in cadences} | {"refresh", "build_release"}
    assert {j for j in jobs if not j.startswith("__")} == named
    asked = """query($r: RepositorySelector!) { schedulesOrError(repositorySelector: $r) {
        ... on Schedules { results { name } } } }"""
    found = desk.ui.ask(asked, r=dagster_ui.LOCATION)["schedulesOrError"]["results"]
    assert {s["name"] for s in found} == cadences


def test_what_a_gate_refused_leaves_nothing_unsynced(desk: Desk, world: World) -> None:
    desk.quiet()
    before = desk.current()
    hostile = world.changed()
    for row in hostile.tables[w.YEARBOOK][1:]:
        with suppress(ValueError):  # a flaw stays one
            row[3] = str(round(float(row[3]) * 10, 3))
    desk.live.contents[w.YEARBOOK] = hostile.data(w.YEARBOOK)
    refused = _checks(desk.ui.succeed(desk.ui.launch(job="refresh")))
    assert not refused["series_gate", "contents_accepted"]["evaluation"]["success"]
    assert desk.stale() == []
    desk.ui.succeed(desk.ui.launch(job="refresh"))
    assert desk.stale() == []
    assert desk.current() == before


def test_a_killed_run_does_not_stay_started(desk: Desk) -> None:
    desk.live.delay[w.YEARBOOK] = 60
    try:
        desk.live.asked.clear()
        run = desk.ui.launch(job="refresh")
        desk.ui.wait(lambda: desk.live.asked[w.YEARBOOK], 60, "the source to be asked")
        said = " ".join(e.get("message") or "" for e in desk.ui.events(run))
        psutil.Process(int(re.findall(r"\(pid: (\d+)\)", said)[0])).kill()
        assert desk.ui.finish(run, 90) == "FAILURE"
    finally:
        desk.live.delay.clear()


def _status(port: int, host: str) -> int | None:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/server_info", headers={"Host": f"{host}:{port}"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_answers_under_our_names(desk: Desk, host: str) -> None:
    assert _status(desk.ui.port, host) == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil"])
def test_it_refuses_a_foreign_name(desk: Desk, host: str) -> None:
    assert _status(desk.ui.port, host) == 400
