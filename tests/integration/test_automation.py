"""What runs by itself: schedules from cadences, the sensor for changed sources, alerts."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from sources import catalog
from sources.catalog import Catalog
from sources.receipt import Receipt
from sources.ways import FileWay, Resource


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCN_DATA", str(tmp_path))


def test_every_source_that_changes_has_a_schedule_of_its_cadence() -> None:
    from orchestration.automation import CRON, schedules

    planned = {s.name: s.cron_schedule for s in schedules}
    for source_id, source in catalog.load().sources.items():
        if source.cadence == "frozen":
            assert not any(name.startswith(source_id) for name in planned)
        else:
            assert planned[f"{source_id}_{source.cadence}"] == CRON[source.cadence]


def test_the_whole_graph_is_loaded_with_groups_and_checks() -> None:
    from orchestration.definitions import definitions

    graph = definitions.resolve_asset_graph()
    groups = {graph.get(k).group_name for k in graph.executable_asset_keys}
    assert groups == {
        "raw", "pull", "build", "seeds", "staging", "intermediate", "gates", "marts", "release"
    }  # fmt: skip
    checks = {(c.asset_key.to_user_string(), c.name) for c in graph.asset_check_keys}
    assert ("raw/geonames__cities", "obtained") in checks
    assert ("series_gate", "cities_differ") in checks
    assert any(asset == "fct_observation" for asset, _ in checks)


def test_the_sensor_names_exactly_the_sources_whose_server_says_that_they_changed(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import automation
    from orchestration.resources import SourceSupply
    from orchestration.settings import home
    from sources.landing import blob_path

    known = catalog.load()
    chosen = {}
    for source_id, tag in (("fhfa__hpi_metro", '"old"'), ("unsd__city_population", '"same"')):
        url = httpserver.url_for(f"/{source_id}")
        way = FileWay(hosts=("localhost",), resources={"r": Resource(url=url)}, table="csv")
        source = known.sources[source_id]
        ways = source.ways.model_copy(update={"live": way})
        chosen[source_id] = source.model_copy(update={"ways": ways})
        receipt = Receipt(
            source_id, "r", "live", "csv", url, "2026-01-01T00:00:00+00:00", "ab" * 32, 1, "x",
            etag=tag,
        )  # fmt: skip
        receipt.write(home().receipts)
        blob = blob_path(home(), receipt.sha256)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(b"x")
    monkeypatch.setattr(
        automation, "_KNOWN", Catalog(chosen, known.indicators, known.networks, known.licences)
    )
    httpserver.expect_request(
        "/unsd__city_population", headers={"If-None-Match": '"same"'}
    ).respond_with_data(status=304)
    httpserver.expect_request("/fhfa__hpi_metro").respond_with_data(
        "new", headers={"ETag": '"new"'}
    )
    assert list(automation.changed_sources(SourceSupply())) == ["fhfa__hpi_metro"]


def test_an_alert_reaches_the_log_and_the_webhook(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from orchestration.alerts import alert

    heard = []
    httpserver.expect_request("/hook", method="POST").respond_with_handler(
        lambda request: heard.append(json.loads(request.data)) or _ok()
    )
    monkeypatch.setenv("WCN_ALERT_WEBHOOK", httpserver.url_for("/hook"))
    logging.getLogger("wcn.alert").propagate = True
    with caplog.at_level(logging.WARNING, logger="wcn.alert"):
        alert("refused", "fhfa__hpi_metro", "scale_holds")
    assert heard == [{"kind": "refused", "subject": "fhfa__hpi_metro", "text": "scale_holds"}]
    assert "scale_holds" in caplog.text


def test_an_alert_that_cannot_be_delivered_fails_nothing_and_tells_no_secret(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from orchestration.alerts import alert

    monkeypatch.setenv("WCN_ALERT_WEBHOOK", "http://localhost:9/secret-token")
    logging.getLogger("wcn.alert").propagate = True
    with caplog.at_level(logging.WARNING, logger="wcn.alert"):
        alert("stale", "x", "y")
    assert "did not take it" in caplog.text
    assert "secret-token" not in caplog.text


def _ok() -> object:
    from werkzeug import Response

    return Response("ok")


def test_the_write_slot_admits_one_build_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import build_init_resource_context
    from filelock import FileLock, Timeout

    from orchestration.resources import WriteSlot
    from orchestration.settings import home

    slot = WriteSlot(wait_seconds=0)
    context = build_init_resource_context()
    with slot.yield_for_execution(context):
        with pytest.raises(Timeout):
            FileLock(home().build / ".lock").acquire(timeout=0)
        assert "since" in (home().build / "holder.json").read_text()
    FileLock(home().build / ".lock").acquire(timeout=0)
