"""Sources that are asked city by city: partitions, progress, a killed pull, the refresh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    DagsterEventType,
    DagsterExecutionInterruptedError,
    DagsterInstance,
    Definitions,
    MultiPartitionKey,
    materialize,
)
from pytest_httpserver import HTTPServer

from core.paths import DataPaths
from core.settings import Settings
from orchestration.assets.pull import pull_assets, pull_jobs
from orchestration.assets.raw import pull_key, raw_assets
from orchestration.definitions import build_definitions
from orchestration.resources import FetchOptions, WriteSlot
from sources import catalog
from sources.access import PerCityAccess, batch_name
from sources.catalog import Catalog
from sources.declarations import Source
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
        job = definitions.resolve_job_def(f"pull_{source.source_id}")
        for batches in (node.partitions_def, job.partitions_def):
            assert batches is not None
            assert sorted(_named(k) for k in batches.get_partition_keys()) == way.batches()
        assert graph.get(AssetKey(["raw", source.source_id])).parent_keys == {key}


def test_a_pull_that_a_person_terminates_is_not_tried_again(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, source, project = _of_one_source(httpserver, tmp_path)
    asked = []

    def terminated(*_arguments: object, **_named: object) -> None:
        asked.append(1)
        raise DagsterExecutionInterruptedError

    monkeypatch.setattr(HttpClient, "get", terminated)
    definitions = Definitions(jobs=pull_jobs(project), resources={"fetch_options": FetchOptions()})
    pull = definitions.resolve_job_def(f"pull_{source.source_id}")
    batch = MultiPartitionKey({"batch": "b001", "year": "2020"})
    with DagsterInstance.ephemeral() as instance:
        with pytest.raises(DagsterExecutionInterruptedError):
            pull.execute_in_process(instance=instance, partition_key=batch)
        (run,) = instance.get_runs()
        assert run.is_finished
        assert not instance.all_logs(run.run_id, of_type=DagsterEventType.STEP_UP_FOR_RETRY)
    assert len(asked) == 1


def _of_one_source(httpserver: HTTPServer, folder: Path) -> tuple[Service, Source, Project]:
    """A project whose one source is asked city by city, at a server of this machine."""
    service = Service(FAMILIES["per_city"], httpserver, DataPaths(folder))
    source = service.source()
    project = Project.open(Settings(data=folder))
    # The one object that is passed on: what it would load and make is put in its place.
    vars(project)["catalog"] = Catalog({source.source_id: source}, catalog.load().concepts)
    vars(project)["client"] = HttpClient(settings=QUICK)
    return service, source, project


def _named(key: str) -> str:
    """A batch by the name that it is kept under."""
    return batch_name(**key.keys_by_dimension) if isinstance(key, MultiPartitionKey) else key


def test_nothing_that_is_materialised_pulls_so_that_all_of_it_is_one_run(
    definitions: Definitions,
) -> None:
    graph = definitions.resolve_asset_graph()
    assert not [k for k in graph.executable_asset_keys if k.path[0] == "pull"]
    assert not [k for k in graph.executable_asset_keys if graph.get(k).is_partitioned]


def test_a_pull_that_died_resumes_in_its_next_run_and_the_refresh_offers_it(
    httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, source, project = _of_one_source(httpserver, tmp_path)
    progress: list[str] = []
    project.events.listen(lambda _, text: progress.append(text))

    slot = WriteSlot(data_home=str(service.paths.create().root))
    given = {"fetch_options": FetchOptions(), "write_slot": slot}
    definitions = Definitions(
        assets=[raw_assets(project), *pull_assets(project)],
        jobs=pull_jobs(project),
        resources=given,
    )
    pull = definitions.resolve_job_def(f"pull_{source.source_id}")
    batch = MultiPartitionKey({"batch": "b001", "year": "2020"})
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
            pull.execute_in_process(instance=instance, partition_key=batch)
        monkeypatch.setattr(HttpClient, "get", real)
        assert len(httpserver.log) == 2
        assert list(receipts(service.paths.receipts, source.source_id)) == []

        assert pull.execute_in_process(instance=instance, partition_key=batch).success
        assert instance.get_materialized_partitions(pull_key(source.source_id)) == {batch}
        assert [request.path for request, _ in httpserver.log[2:]] == ["/views/2020/3"]
        assert "2020-b001: 3 of 3 cities, 0 without data" in progress

        raw = raw_assets(project)
        assert materialize([raw], instance=instance, resources=given).success
    stored = json.loads((service.paths.snapshots / f"{source.source_id}.json").read_text())
    assert stored["access_method"] == "live"
    assert stored["contents"][0]["resource"] == "2020-b001"
    assert stored["contents"][0]["facts"]["cities"] == len(PLACES)
    assert len(httpserver.log) == 3
