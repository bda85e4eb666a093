"""Sources that are asked city by city: partitions, progress, a killed pull, the refresh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dagster import AssetKey, DagsterInstance, Definitions, materialize
from pytest_httpserver import HTTPServer

from core.paths import DataPaths
from core.settings import Settings
from orchestration.assets.pull import pull_assets
from orchestration.assets.raw import raw_assets
from orchestration.definitions import build_definitions
from orchestration.resources import FetchOptions, WriteSlot
from sources import catalog
from sources.access import PerCityAccess
from sources.catalog import Catalog
from sources.http import HttpClient
from sources.receipt import receipts
from tests.fixtures.services import FAMILIES, PLACES, QUICK, Service
from warehouse.project import Project


class Killed(BaseException):
    """What no code of ours catches, as a process that is killed runs none."""


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Definitions:
    """What Dagster loads of the shipped catalogue."""
    return build_definitions(Project.open(Settings(data=tmp_path_factory.mktemp("data"))))


def test_every_source_asked_city_by_city_has_its_batches_as_partitions(
    definitions: Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    for source in catalog.load().sources.values():
        way = source.access.live
        key = AssetKey(["pull", source.source_id])
        if not isinstance(way, PerCityAccess):
            assert key not in graph.executable_asset_keys
            continue
        node = graph.get(key)
        assert node.partitions_def is not None
        assert node.partitions_def.get_partition_keys() == way.batches()
        assert node.backfill_policy is not None
        assert node.backfill_policy.max_partitions_per_run == 1
        assert graph.get(AssetKey(["raw", source.source_id])).parent_keys == {key}


def test_no_job_pulls_by_itself(definitions: Definitions) -> None:
    for job in definitions.resolve_all_job_defs():
        if not job.name.startswith("__"):
            assert not [k for k in job.asset_layer.executable_asset_keys if k.path[0] == "pull"]


def test_a_pull_that_died_resumes_in_its_next_run_and_the_refresh_offers_it(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(FAMILIES["per_city"], httpserver, DataPaths(tmp_path))
    source = service.source()
    project = Project.open(Settings(data=tmp_path))
    # The one object that is passed on: what it would load and make is put in its place.
    vars(project)["catalog"] = Catalog({source.source_id: source}, catalog.load().concepts)
    vars(project)["client"] = HttpClient(settings=QUICK)
    progress: list[str] = []
    project.events.listen(lambda _, text: progress.append(text))

    (pull,), (raw,) = pull_assets(project), raw_assets(project)
    given = {"fetch_options": FetchOptions()}
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
        assert list(receipts(service.paths.receipts, source.source_id)) == []

        made = materialize([pull], instance=instance, resources=given, partition_key="2020-b001")
        assert made.success
        assert [request.path for request, _ in httpserver.log[2:]] == ["/views/2020/3"]
        assert "2020-b001: 3 of 3 cities, 0 without data" in progress

        slot = WriteSlot(data_home=str(service.paths.create().root))
        offered = materialize([raw], instance=instance, resources={**given, "write_slot": slot})
        assert offered.success
    stored = json.loads((service.paths.snapshots / f"{source.source_id}.json").read_text())
    assert stored["access_method"] == "live"
    assert stored["contents"][0]["resource"] == "2020-b001"
    assert stored["contents"][0]["facts"]["cities"] == len(PLACES)
    assert len(httpserver.log) == 3
