"""How long Dagster remembers: the newest runs, and those that say how an asset came to be.

Every run is a database of its own, and a daily refresh would fill the disk with them.

Belongs here: which runs go, and the sensor that lets them go. Does not belong here: releases
(`wcn release prune`), and the history of values, which no run takes with it.
"""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from dagster import (
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunRecord,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

KEEP_RUNS = 100
"""Finished runs that stay, whatever they did."""
_AT_ONCE = 50
"""A sensor has a minute; what is left goes the next time."""
_FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
_PARTITION = "dagster/partition"


def forget_old_runs(instance: DagsterInstance, keep: int = KEEP_RUNS, at_once: int = 0) -> int:
    """Delete finished runs but the newest `keep`, with their events and logs; how many went.

    A run that last made an asset, or a batch of one, stays: without it the asset, or the batch that
    took hours to pull, would seem never to have been made. `at_once`: no more than these, 0: all.
    """
    records = instance.get_run_records(RunsFilter(statuses=_FINISHED))  # newest first
    needed = {*_last_makers(instance), *_last_of_partitions(records)}
    old = [r.dagster_run.run_id for r in records[keep:] if r.dagster_run.run_id not in needed]
    going = old[::-1][: at_once or None]
    for run_id in going:
        instance.delete_run(run_id)
        instance.compute_log_manager.delete_logs(prefix=[run_id])
        shutil.rmtree(Path(instance.storage_directory()) / run_id, ignore_errors=True)
    return len(going)


def retention_sensor() -> SensorDefinition:
    """It is on from the beginning: nobody switches on what only tidies up."""

    @sensor(
        name="forget_old_runs",
        minimum_interval_seconds=3600,
        default_status=DefaultSensorStatus.RUNNING,
        description=f"Keeps the newest {KEEP_RUNS} runs, and those that made what is there.",
    )
    def tidy(context: SensorEvaluationContext) -> SkipReason:
        return SkipReason(f"{forget_old_runs(context.instance, at_once=_AT_ONCE)} runs deleted")

    return tidy


def _last_makers(instance: DagsterInstance) -> Iterator[str]:
    for record in instance.get_asset_records():
        if (made := record.asset_entry.last_materialization_record) is not None:
            yield made.run_id


def _last_of_partitions(records: Iterable[RunRecord]) -> Iterator[str]:
    seen: set[tuple[object, str]] = set()
    for record in records:
        run = record.dagster_run
        if (batch := run.tags.get(_PARTITION)) is None or not run.is_success:
            continue
        if (what := (run.asset_selection or run.job_name, batch)) not in seen:
            seen.add(what)
            yield run.run_id
