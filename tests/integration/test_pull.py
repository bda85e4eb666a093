"""Sources that are asked city by city: partitions, progress, a killed pull, the refresh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterInstance, materialize
from pytest_httpserver import HTTPServer

from sources import catalog
from sources.catalog import Catalog
from sources.home import Home
from sources.receipt import receipts
from sources.ways import PerCityWay
from tests.fixtures.services import FAMILIES, PLACES, QUICK, Service


class Killed(BaseException):
    """What no code of ours catches, as a process that is killed runs none."""


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WCN_DATA", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")


def test_every_source_asked_city_by_city_has_its_batches_as_partitions() -> None:
    from orchestration.definitions import definitions

    graph = definitions.resolve_asset_graph()
    for source in catalog.load().sources.values():
        way = source.ways.live
        key = AssetKey(["pull", source.source_id])
        if not isinstance(way, PerCityWay):
            assert key not in graph.executable_asset_keys
            continue
        node = graph.get(key)
        assert node.partitions_def is not None
        assert node.partitions_def.get_partition_keys() == way.batches()
        assert node.backfill_policy is not None
        assert node.backfill_policy.max_partitions_per_run == 1
        assert graph.get(AssetKey(["raw", source.source_id])).parent_keys == {key}


def test_no_job_pulls_by_itself() -> None:
    from orchestration.definitions import definitions

    for job in definitions.resolve_all_job_defs():
        if not job.name.startswith("__"):
            assert not [k for k in job.asset_layer.executable_asset_keys if k.path[0] == "pull"]


def test_a_pull_that_died_resumes_in_its_next_run_and_the_refresh_offers_it(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import progress, resources
    from orchestration.assets.pull import pull_assets
    from orchestration.assets.raw import raw_assets
    from orchestration.resources import SourceSupply
    from sources.http import HttpClient

    service = Service(FAMILIES["per_city"], httpserver, Home(tmp_path))
    source = service.source()
    known = catalog.load()
    ours = Catalog({source.source_id: source}, known.indicators, known.networks, known.licences)
    monkeypatch.setattr(resources, "_clients", [HttpClient(settings=QUICK)])
    said: list[str] = []
    monkeypatch.setattr(progress, "_listeners", [lambda _, text: said.append(text)])

    (pull,), (raw,) = pull_assets(ours), raw_assets(ours)
    given = {"supply": SourceSupply()}
    with DagsterInstance.ephemeral() as instance:
        # Two cities are answered; at the third the process dies.
        real, answered = HttpClient.get, []

        def get(self: HttpClient, *arguments: object, **more: object) -> object:
            if len(answered) == 2:
                raise Killed
            answered.append(1)
            return real(self, *arguments, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(HttpClient, "get", get)
        with pytest.raises(Killed):
            materialize([pull], instance=instance, resources=given, partition_key="2020-b001")
        monkeypatch.setattr(HttpClient, "get", real)
        assert len(httpserver.log) == 2
        assert list(receipts(service.home.receipts, source.source_id)) == []

        made = materialize([pull], instance=instance, resources=given, partition_key="2020-b001")
        assert made.success
        assert [request.path for request, _ in httpserver.log[2:]] == ["/views/2020/3"]
        assert "2020-b001: 3 of 3 cities, 0 without data" in said

        offered = materialize([raw], instance=instance, resources=given)
        assert offered.success
    stored = json.loads((service.home.offers / f"{source.source_id}.json").read_text())
    assert stored["way"] == "live"
    assert stored["contents"][0]["resource"] == "2020-b001"
    assert stored["contents"][0]["facts"]["cities"] == len(PLACES)
    assert len(httpserver.log) == 3
