"""Dagster's storage stops growing, and forgets nothing that an asset needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dagster import (
    AssetKey,
    DagsterInstance,
    Definitions,
    StaticPartitionsDefinition,
    asset,
    build_sensor_context,
    materialize,
)

from core.paths import DataPaths
from orchestration import instance as ours
from orchestration.retention import forget_old_runs, retention_sensor


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DagsterInstance]:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    ours.prepare(DataPaths(tmp_path))
    with DagsterInstance.get() as made:
        yield made


@asset
def often() -> int:
    return 1


@asset
def once() -> int:
    return 1


@asset(partitions_def=StaticPartitionsDefinition(["b001", "b002"]))
def batches() -> int:
    return 1


def size(folder: Path) -> int:
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def test_old_runs_are_forgotten_with_their_files(instance: DagsterInstance, tmp_path: Path) -> None:
    assert materialize([once], instance=instance).success
    for batch in ("b001", "b001", "b002"):
        assert materialize([batches], partition_key=batch, instance=instance).success
    for _ in range(12):
        assert materialize([often], instance=instance).success
    shards = tmp_path / "dagster" / "history" / "runs"
    before, files = size(shards), len(list(shards.glob("*-*.db")))
    assert (files, instance.get_runs_count()) == (16, 16)
    one = max(f.stat().st_size for f in shards.glob("*-*.db"))
    assert forget_old_runs(instance, keep=3) == 10
    assert instance.get_runs_count() == 6
    assert len(list(shards.glob("*-*.db"))) == 6
    assert size(shards) < before - 8 * one
    # What was made is still known to have been made.
    for name in ("often", "once", "batches"):
        assert instance.get_latest_materialization_event(AssetKey(name)) is not None
    known = instance.get_materialized_partitions(AssetKey("batches"))
    assert known == {"b001", "b002"}
    assert forget_old_runs(instance, keep=3) == 0
    assert materialize([often], instance=instance).success


def test_the_sensor_deletes_a_few_at_a_time_and_starts_nothing(instance: DagsterInstance) -> None:
    tidy = retention_sensor()
    Definitions(sensors=[tidy]).get_repository_def()
    for _ in range(4):
        assert materialize([often], instance=instance).success
    assert forget_old_runs(instance, keep=1, at_once=2) == 2
    said = tidy.evaluate_tick(build_sensor_context(instance))
    assert (said.run_requests, said.skip_message) == ([], "0 runs deleted")
