"""What runs by itself: schedules from cadences, the sensor for changed sources, alerts."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from dagster import build_init_resource_context
from filelock import FileLock, Timeout
from pytest_httpserver import HTTPServer
from werkzeug import Response

from core.events import Events
from core.settings import Settings
from orchestration.automation import CRON, automation, changed_sources
from orchestration.definitions import build_definitions
from orchestration.resources import WriteSlot
from sources import catalog
from sources.access import FileAccess, Resource
from sources.catalog import Catalog
from sources.landing import blob_path
from sources.receipt import Receipt
from warehouse.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The shipped catalogue with a data home of its own."""
    return Project.open(Settings(data=tmp_path))


def test_every_source_that_changes_has_a_schedule_of_its_cadence(project: Project) -> None:
    _, schedules, _ = automation(project)
    planned = {s.name: s.cron_schedule for s in schedules}
    for source_id, source in catalog.load().sources.items():
        if source.cadence == "frozen":
            assert not any(name.startswith(source_id) for name in planned)
        else:
            assert planned[f"{source_id}_{source.cadence}"] == CRON[source.cadence]


def test_the_whole_graph_is_loaded_with_groups_and_checks(project: Project) -> None:
    graph = build_definitions(project).resolve_asset_graph()
    groups = {graph.get(k).group_name for k in graph.executable_asset_keys}
    assert groups == {
        "raw", "pull", "build", "staging", "intermediate", "gates", "marts", "release"
    }  # fmt: skip
    checks = {(c.asset_key.to_user_string(), c.name) for c in graph.asset_check_keys}
    assert ("raw/geonames__cities", "obtained") in checks
    assert ("series_gate", "cities_differ") in checks
    assert any(asset == "fct_observation" for asset, _ in checks)


def test_the_sensor_names_exactly_the_sources_whose_server_says_that_they_changed(
    httpserver: HTTPServer, project: Project
) -> None:
    known = catalog.load()
    chosen = {}
    for source_id, tag in (("fhfa__hpi_metro", '"old"'), ("unsd__city_population", '"same"')):
        url = httpserver.url_for(f"/{source_id}")
        live = FileAccess(hosts=("localhost",), resources={"r": Resource(url=url)}, table="csv")
        source = known.sources[source_id]
        access = source.access.model_copy(update={"live": live})
        chosen[source_id] = source.model_copy(update={"access": access})
        receipt = Receipt(
            source_id, "r", "live", "csv", url, "2026-01-01T00:00:00+00:00", "ab" * 32, 1, "x",
            etag=tag,
        )  # fmt: skip
        receipt.write(project.paths.receipts)
        blob = blob_path(project.paths, receipt.sha256)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(b"x")
    # The one object that is passed on: what it would load is put in its place.
    vars(project)["catalog"] = Catalog(chosen, known.concepts)
    httpserver.expect_request(
        "/unsd__city_population", headers={"If-None-Match": '"same"'}
    ).respond_with_data(status=304)
    httpserver.expect_request("/fhfa__hpi_metro").respond_with_data(
        "new", headers={"ETag": '"new"'}
    )
    assert list(changed_sources(project, project.fetch_context())) == ["fhfa__hpi_metro"]


def test_an_alert_reaches_the_log_and_the_webhook(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    heard = []
    httpserver.expect_request("/hook", method="POST").respond_with_handler(
        lambda request: heard.append(json.loads(request.data)) or Response("ok")
    )
    events = Events(httpserver.url_for("/hook"))
    with caplog.at_level(logging.WARNING, logger="wcn.alert"):
        events.alert("refused", "fhfa__hpi_metro", "scale_holds")
    assert heard == [{"kind": "refused", "subject": "fhfa__hpi_metro", "text": "scale_holds"}]
    assert "scale_holds" in caplog.text


def test_an_alert_that_cannot_be_delivered_fails_nothing_and_tells_no_secret(
    caplog: pytest.LogCaptureFixture,
) -> None:
    events = Events("http://localhost:9/secret-token")
    with caplog.at_level(logging.WARNING, logger="wcn.alert"):
        events.alert("stale", "x", "y")
    assert "did not take it" in caplog.text
    assert "secret-token" not in caplog.text + repr(events)


def test_the_write_slot_admits_one_build_at_a_time(project: Project) -> None:
    build = project.paths.build
    slot = WriteSlot(data_home=str(project.paths.root), wait_seconds=0)
    context = build_init_resource_context()
    with slot.yield_for_execution(context):
        with pytest.raises(Timeout):
            FileLock(build / ".lock").acquire(timeout=0)
        assert "since" in (build / "holder.json").read_text()
    FileLock(build / ".lock").acquire(timeout=0)
