"""What runs by itself: schedules from cadences, the sensor for changed sources, alerts."""

from __future__ import annotations

import json
import logging
import re
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from dagster import build_init_resource_context
from filelock import FileLock, Timeout
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from core.events import Events
from core.settings import Settings
from orchestration.assets.raw import OBTAINED, raw_key
from orchestration.assets.release import RELEASE
from orchestration.automation import CRON, automation
from orchestration.definitions import build_definitions
from orchestration.resources import WriteSlot
from sources import catalog, changed
from sources.access import FileAccess, Resource
from sources.catalog import Catalog
from sources.declarations import Source
from sources.landing import blob_path
from sources.receipt import Receipt
from warehouse.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """The shipped catalogue with a data home of its own."""
    return Project.open(Settings(data=tmp_path))


def test_every_source_that_changes_has_a_schedule_of_its_cadence(project: Project) -> None:
    definitions = build_definitions(project)
    _, schedules, _ = automation(project)
    planned = {s.name: s for s in schedules}
    for source_id, source in catalog.load().sources.items():
        for cadence, schedule in planned.items():
            job = definitions.resolve_job_def(schedule.job_name)
            keys = job.asset_layer.executable_asset_keys
            assert (raw_key(source_id) in keys) == (source.cadence == cadence)
            assert {OBTAINED, RELEASE} < keys
    assert {name: s.cron_schedule for name, s in planned.items()} == {
        c: CRON[c] for c in CRON if c in {s.cadence for s in catalog.load().sources.values()}
    }


def test_the_whole_graph_is_loaded_with_groups_and_checks(project: Project) -> None:
    graph = build_definitions(project).resolve_asset_graph()
    groups = {graph.get(k).group_name for k in graph.executable_asset_keys}
    themes = {f"raw_{s.theme}" for s in catalog.load().sources.values()}
    assert groups == themes | {
        "build", "staging", "cities", "observe", "gate_1", "publish", "marts", "gate_2", "release"
    }  # fmt: skip
    checks = {(c.asset_key.to_user_string(), c.name) for c in graph.asset_check_keys}
    assert ("raw/geonames__cities", "obtained") in checks
    assert ("series_gate", "cities_differ") in checks
    assert any(asset == "fct_observation" for asset, _ in checks)


def _known_live(
    project: Project, known: Catalog, source_id: str, host: str, url: str, tag: str = '"old"'
) -> Source:
    """A source at this address, which was obtained before with this tag."""
    url = url.replace("localhost", host)
    live = FileAccess(hosts=(host,), resources={"r": Resource(url=url)}, table="csv")
    source = known.sources[source_id]
    receipt = Receipt(
        source_id, "r", "live", "csv", url, "2026-01-01T00:00:00+00:00", "ab" * 32, 1, "x",
        etag=tag,
    )  # fmt: skip
    receipt.write(project.paths.receipts)
    blob = blob_path(project.paths, receipt.sha256)
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(b"x")
    return source.model_copy(update={"access": source.access.model_copy(update={"live": live})})


def test_the_sensor_names_exactly_the_sources_whose_server_says_that_they_changed(
    httpserver: HTTPServer, project: Project
) -> None:
    known = catalog.load()
    chosen = {}
    for source_id, tag in (("fhfa__hpi_metro", '"old"'), ("unsd__city_population", '"same"')):
        url = httpserver.url_for(f"/{source_id}")
        chosen[source_id] = _known_live(project, known, source_id, "localhost", url, tag)
    httpserver.expect_request(
        "/unsd__city_population", headers={"If-None-Match": '"same"'}
    ).respond_with_data(status=304)
    httpserver.expect_request("/fhfa__hpi_metro").respond_with_data(
        "new", headers={"ETag": '"new"'}
    )
    found = changed.look(project.fetch_context(), chosen.values(), {})
    assert found.changed == {"fhfa__hpi_metro"}
    assert found.asked == set(chosen)


def test_a_slow_host_holds_up_no_other_and_is_not_waited_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its host did not get to is left for the next look: each look has an end."""
    known = catalog.load()
    silence = threading.Event()
    served: set[str] = set()

    def answer(request: Request) -> Response:
        served.add(request.path)
        if request.path == f"/{slow.source_id}":
            silence.wait(20)  # then it has news: a look that waits would find them
        return Response("new", headers={"ETag": '"new"'})

    # The look's time is over once both hosts have been asked, however busy this machine is.
    clock = SimpleNamespace(monotonic=lambda: 60.0 if len(served) > 1 else 0.0)
    monkeypatch.setattr(changed, "time", clock)
    # With one thread, the server itself would hold the quick host up.
    with HTTPServer(threaded=True) as server:
        server.expect_request(re.compile("/.*")).respond_with_handler(answer)
        quick, slow, next_of_slow = (
            _known_live(project, known, source_id, host, server.url_for(f"/{source_id}"))
            for source_id, host in (
                ("fhfa__hpi_metro", "localhost"),
                ("unsd__city_population", "127.0.0.1"),
                ("zillow__metro_rent", "127.0.0.1"),
            )
        )
        last_asked = {quick.source_id: 1.0}  # the slow host comes first
        try:
            found = changed.look(
                project.fetch_context(), (quick, slow, next_of_slow), last_asked,
                seconds=30, seconds_per_answer=6,
            )  # fmt: skip
        finally:
            silence.set()
    assert found.changed == {quick.source_id}
    assert found.asked == {quick.source_id, slow.source_id}


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
