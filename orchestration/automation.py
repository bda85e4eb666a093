"""When things run by themselves: a schedule per cadence, a sensor for changes, alerts on failure.

Belongs here: jobs, schedules and sensors, derived from the declarations.
"""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetSelection,
    DefaultSensorStatus,
    RunFailureSensorContext,
    RunRequest,
    ScheduleDefinition,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    define_asset_job,
    in_process_executor,
    run_failure_sensor,
    sensor,
)
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from core.errors import SourceError
from core.paths import inside
from orchestration.assets.raw import raw_key
from orchestration.elsewhere import elsewhere_sensor
from orchestration.resources import FetchOptions
from orchestration.retention import retention_sensor
from sources.conditions import Validators
from sources.declarations import Source
from sources.fetch import FetchContext, live_context
from sources.protocols.live import last_receipt
from warehouse.project import Project

# UTC; spread over the night so that no two cadences meet.
CRON = {
    "daily": "10 2 * * *",
    "weekly": "20 3 * * 1",
    "monthly": "30 4 2 * *",
    "quarterly": "40 5 3 1,4,7,10 *",
    "yearly": "50 6 4 1 *",
}
# Batches of cities are pulled by a person's backfill, never by a refresh: they take hours.
_REFRESHED = AssetSelection.all() - AssetSelection.groups("pull")
_NOT_RAW = _REFRESHED - AssetSelection.groups("raw")

refresh = define_asset_job(
    "refresh",
    _REFRESHED,
    executor_def=in_process_executor,
    description="The whole way of a datum: every source, the warehouse, the gates, a release.",
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
    schedules = [_due(s) for s in sources if s.cadence in CRON]
    sensors = [
        _sensor(project),
        _alert_on_failure(project),
        retention_sensor(),
        elsewhere_sensor(project),
    ]
    return [refresh], schedules, sensors


def _due(source: Source) -> ScheduleDefinition:
    job = define_asset_job(
        f"refresh_{source.source_id}",
        AssetSelection.assets(raw_key(source.source_id)) | _NOT_RAW,
        executor_def=in_process_executor,
        description=f"{source.title}, and a release if anything has changed.",
    )
    return ScheduleDefinition(
        name=f"{source.source_id}_{source.cadence}", job=job, cron_schedule=CRON[source.cadence]
    )


def changed_sources(project: Project, context: FetchContext) -> Iterator[str]:
    """Ids of the live sources whose publisher says that their bytes are new."""
    for source in project.catalog.sources.values():
        live = source.access.live
        for name, resource in (live.resources if live else {}).items():
            url = resource.url or ""
            known = last_receipt(context.paths, source.source_id, name, url)
            if live is None or known is None:
                continue
            try:
                is_new = context.client.changed(
                    source.source_id,
                    url,
                    hosts=live.hosts,
                    validators=Validators(known.etag, known.last_modified),
                    headers=live.headers,
                    secret=live_context(context, source, live).secret,
                )
            except SourceError:
                continue  # the schedule will meet it and say so
            if is_new:
                yield source.source_id
                break


def _sensor(project: Project) -> SensorDefinition:
    @sensor(
        name="changed_sources",
        job=refresh,
        minimum_interval_seconds=6 * 3600,
        description="Asks every live source, with a conditional request, whether it has changed.",
    )
    def look(
        context: SensorEvaluationContext, fetch_options: FetchOptions
    ) -> Iterator[RunRequest | SkipReason]:
        changed = sorted(changed_sources(project, fetch_options.context(project)))
        if not changed:
            yield SkipReason("no source says that it has changed")
            return
        folders = [inside(project.paths.receipts, s) for s in changed]
        receipts = sorted(p.name for folder in folders for p in folder.glob("*"))
        rest = _NOT_RAW.resolve(context.repository_def.asset_graph)  # type: ignore[union-attr]
        yield RunRequest(
            run_key=receipts[-1],
            asset_selection=[*(raw_key(s) for s in changed), *rest],
            tags={"changed": ",".join(changed)[:250]},
        )

    return look


def _alert_on_failure(project: Project) -> SensorDefinition:
    @run_failure_sensor(
        name="alert_on_failure",
        default_status=DefaultSensorStatus.RUNNING,
        description="A run that fails reaches a person: log, and the webhook if there is one.",
    )
    def alert_on_failure(context: RunFailureSensorContext) -> None:
        message = context.failure_event.message or "no message"
        project.events.alert("failed", context.dagster_run.job_name, message)

    return alert_on_failure
