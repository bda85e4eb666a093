"""Runs whose process is gone: killed, or lost with the machine. They do not seem to run for ever.

Dagster hears of an end from the run itself, and one that was killed says nothing.

Belongs here: finding such runs, and closing them. Does not belong here: what they left half-made
(`warehouse.write_slot`).
"""

import psutil
from dagster import (
    DagsterEventType,
    DagsterInstance,
    DagsterRun,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    sensor,
)

# It tells its process while it is starting: one that dies before it has begun would bar all others.
_ALIVE = [DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING]
_CLOCKS = 5.0
"""Seconds by which two clocks of a machine may differ."""


def dead_runs_sensor() -> SensorDefinition:
    """It is on from the beginning: what it says is what is there."""

    @sensor(
        name="close_dead_runs",
        minimum_interval_seconds=30,
        default_status=DefaultSensorStatus.RUNNING,
        description="A run whose process was killed is closed as failed, or as cancelled.",
    )
    def close_dead_runs(context: SensorEvaluationContext) -> SkipReason:
        return SkipReason(f"{close_dead(context.instance)} runs closed")

    return close_dead_runs


def close_dead(instance: DagsterInstance) -> int:
    """Close every run whose process is gone; how many these were."""
    dead = [r for r in instance.get_runs(RunsFilter(statuses=_ALIVE)) if _is_dead(instance, r)]
    for run in dead:
        if run.status == DagsterRunStatus.CANCELING:
            instance.report_run_canceled(run, "its process is gone")
        else:
            instance.report_run_failed(run, "the process of this run was killed")
    return len(dead)


def _is_dead(instance: DagsterInstance, run: DagsterRun) -> bool:
    """Of its own process id, which its first event tells; not known means not dead."""
    for entry in instance.all_logs(run.run_id, of_type=DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        told = event.engine_event_data.metadata.get("pid") if event else None
        if told is not None:
            try:
                process = psutil.Process(int(str(told.value)))
                # A later process may have got the same number.
                is_another = process.create_time() > entry.timestamp + _CLOCKS
                return is_another or process.status() == psutil.STATUS_ZOMBIE
            except psutil.NoSuchProcess:
                return True
    return False
