"""When things run by themselves: a schedule per cadence, sensors for news, alerts on failure.

Belongs here: jobs, schedules and sensors, derived from the declarations. Does not belong here:
looking whether something is new (`sources.changed`, `warehouse.unreleased`).
"""

import hashlib
import json
import time
from collections.abc import Sequence

from dagster import (
    AssetKey,
    AssetSelection,
    DagsterInstance,
    DagsterRunStatus,
    DefaultSensorStatus,
    RunFailureSensorContext,
    RunRequest,
    RunsFilter,
    ScheduleDefinition,
    SensorDefinition,
    SensorEvaluationContext,
    SensorResult,
    SkipReason,
    define_asset_job,
    in_process_executor,
    run_failure_sensor,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from orchestration.assets.build import TOLD
from orchestration.assets.raw import OBTAINED, raw_key
from orchestration.dead_runs import dead_runs_sensor
from orchestration.elsewhere import elsewhere_sensor
from orchestration.resources import FetchOptions
from orchestration.retention import retention_sensor
from releases import pointer
from sources.changed import look
from warehouse.project import Project
from warehouse.unreleased import unreleased

# UTC; spread over the night so that no two cadences meet.
CRON = {
    "daily": "10 2 * * *",
    "weekly": "20 3 * * 1",
    "monthly": "30 4 2 * *",
    "quarterly": "40 5 3 1,4,7,10 *",
    "yearly": "50 6 4 1 *",
}
# What a run does after its sources.
BUILD = AssetSelection.assets(OBTAINED).downstream()
ASK_AGAIN_AFTER = 6 * 3600.0
"""Seconds from one conditional request to the next."""

refresh = define_asset_job(
    "refresh",
    AssetSelection.all(),
    executor_def=in_process_executor,
    description="The whole way of a datum: every source, the warehouse, the gates, a release.",
)
build_release = define_asset_job(
    "build_release",
    BUILD,
    executor_def=in_process_executor,
    description="A release of what has been obtained, if anything is new; asks no source.",
)


def automation(
    project: Project,
) -> tuple[
    Sequence[UnresolvedAssetJobDefinition],
    Sequence[ScheduleDefinition],
    Sequence[SensorDefinition],
]:
    """Jobs, schedules and sensors."""
    sources = project.catalog.sources.values()
    schedules = [
        _due(cadence, [raw_key(s.source_id) for s in sources if s.cadence == cadence])
        for cadence in CRON
        if any(s.cadence == cadence for s in sources)
    ]
    sensors = [
        _changed_sources(project),
        _release_what_is_new(project),
        _alert_on_failure(project),
        dead_runs_sensor(),
        retention_sensor(),
        elsewhere_sensor(project),
    ]
    return [refresh, build_release], schedules, sensors


def _due(cadence: str, keys: Sequence[AssetKey]) -> ScheduleDefinition:
    job = define_asset_job(
        f"refresh_{cadence}",
        AssetSelection.assets(*keys) | BUILD,
        executor_def=in_process_executor,
        description=f"The {len(keys)} {cadence} sources, and a release if anything has changed.",
        tags={"cadence": cadence},
    )
    return ScheduleDefinition(name=cadence, job=job, cron_schedule=CRON[cadence])


def _changed_sources(project: Project) -> SensorDefinition:
    @sensor(
        name="changed_sources",
        job=refresh,
        minimum_interval_seconds=300,
        description="Asks every live source that was obtained before, four times a day and with a"
        " conditional request, whether it has new bytes; obtains those that have.",
    )
    def changed_sources(
        context: SensorEvaluationContext, fetch_options: FetchOptions
    ) -> SensorResult:
        """A tick asks as many as its time allows; the cursor knows when each was asked last."""
        now = time.time()
        last: dict[str, float] = json.loads(context.cursor or "{}")
        due = [
            s
            for s in project.catalog.sources.values()
            if s.access.live
            and s.source_id not in project.catalog.broken
            and now - last.get(s.source_id, 0.0) >= ASK_AGAIN_AFTER
        ]
        found = look(fetch_options.context(project), due, last)
        cursor = json.dumps(last | dict.fromkeys(sorted(found.asked), now))
        changed = ", ".join(sorted(found.changed))
        text = f"asked {len(found.asked)} of {len(due)} that are due; changed: {changed or 'none'}"
        if not changed:
            return SensorResult(skip_reason=SkipReason(text), cursor=cursor)
        context.log.info(text)
        request = RunRequest(
            asset_selection=[*map(raw_key, sorted(found.changed)), *_build_keys(context)],
            tags={"changed": changed[:250]},
        )
        return SensorResult(run_requests=[request], cursor=cursor)

    return changed_sources


def _build_keys(context: SensorEvaluationContext) -> list[AssetKey]:
    graph = context.repository_def.asset_graph  # type: ignore[union-attr]
    return sorted(BUILD.resolve(graph))


def _release_what_is_new(project: Project) -> SensorDefinition:
    @sensor(
        name="release_what_is_new",
        job=build_release,
        minimum_interval_seconds=30,
        default_status=DefaultSensorStatus.RUNNING,
        description="What was obtained by a run that was not to build (one click on a source) gets"
        " into a release: when no run is under way, and once for the same bytes. Never after a"
        " rollback, and never what a run obtained that was terminated, or refused by a gate.",
    )
    def release_what_is_new(context: SensorEvaluationContext) -> RunRequest | SkipReason:
        if run := under_way(context.instance):
            return SkipReason(f"run {run} is under way")
        if (moves := pointer.moves(project.paths.releases)) and moves[-1].action == "rollback":
            return SkipReason("the current release was rolled back to: `refresh` goes on from it")
        found = {
            source_id: contents
            for source_id, contents in unreleased(project).items()
            if _was_to_be_obtained_alone(context.instance, source_id)
        }
        if not found:
            return SkipReason("nothing was obtained alone that no release has")
        contents = hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]
        return RunRequest(run_key=contents, tags={"unreleased": ", ".join(sorted(found))[:250]})

    return release_what_is_new


def _was_to_be_obtained_alone(instance: DagsterInstance, source_id: str) -> bool:
    """Whether the run that obtained a source last ended well, and was not to build as well."""
    last = instance.get_latest_materialization_event(raw_key(source_id))
    run = instance.get_run_by_id(last.run_id) if last else None
    return (
        run is not None and run.is_success and OBTAINED not in (run.asset_selection or {OBTAINED})
    )


def under_way(instance: DagsterInstance) -> str | None:
    """A run that may be obtaining or building just now; pulls are none."""
    statuses = [
        DagsterRunStatus.QUEUED,
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ]
    runs = instance.get_runs(RunsFilter(statuses=statuses))
    return next((r.run_id for r in runs if not r.job_name.startswith("pull_")), None)


def _alert_on_failure(project: Project) -> SensorDefinition:
    @run_failure_sensor(
        name="alert_on_failure",
        default_status=DefaultSensorStatus.RUNNING,
        description="A run that fails reaches a person: log, and the webhook if there is one.",
    )
    def alert_on_failure(context: RunFailureSensorContext) -> SkipReason | None:
        for event in context.get_step_failure_events():
            failure = event.step_failure_data.user_failure_data
            if failure and TOLD in failure.metadata:
                return SkipReason("the gate has alerted already")
        message = context.failure_event.message or "no message"
        project.events.alert("failed", context.dagster_run.job_name, message)
        return None

    return alert_on_failure
