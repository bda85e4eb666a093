"""When things run by themselves: a schedule per cadence, a sensor for changes, alerts on failure.

Belongs here: schedules and sensors, derived from the declarations.
"""

from collections.abc import Iterator

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

from orchestration.alerts import alert
from orchestration.assets.raw import raw_key
from orchestration.resources import SourceSupply
from orchestration.settings import home
from sources import catalog as catalogue
from sources.declarations import Source
from sources.errors import SourceError
from sources.fetch import live_context
from sources.http import Validators
from sources.protocols.live import last_receipt

_KNOWN = catalogue.load()
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


schedules = [_due(s) for s in _KNOWN.sources.values() if s.cadence in CRON]


def changed_sources(supply: SourceSupply) -> Iterator[str]:
    """Ids of the live sources whose publisher says that their bytes are new."""
    given = supply.supply()
    for source in _KNOWN.sources.values():
        live = source.ways.live
        for name, resource in (live.resources if live else {}).items():
            url = resource.url or ""
            known = last_receipt(given.home, source.source_id, name, url)
            if live is None or known is None:
                continue
            try:
                fresh = given.client.changed(
                    source.source_id,
                    url,
                    hosts=live.hosts,
                    validators=Validators(known.etag, known.last_modified),
                    headers=live.headers,
                    secret=live_context(given, source, live.key).secret,
                )
            except SourceError:
                continue  # the schedule will meet it and say so
            if fresh:
                yield source.source_id
                break


def _sensor() -> SensorDefinition:
    @sensor(
        name="changed_sources",
        job=refresh,
        minimum_interval_seconds=6 * 3600,
        description="Asks every live source, with a conditional request, whether it has changed.",
    )
    def look(
        context: SensorEvaluationContext, supply: SourceSupply
    ) -> Iterator[RunRequest | SkipReason]:
        changed = sorted(changed_sources(supply))
        if not changed:
            yield SkipReason("no source says that it has changed")
            return
        here = home()
        receipts = sorted(str(p.name) for s in changed for p in (here.receipts / s).glob("*"))
        rest = _NOT_RAW.resolve(context.repository_def.asset_graph)  # type: ignore[union-attr]
        yield RunRequest(
            run_key=receipts[-1],
            asset_selection=[*(raw_key(s) for s in changed), *rest],
            tags={"changed": ",".join(changed)[:250]},
        )

    return look


@run_failure_sensor(
    name="alert_on_failure",
    default_status=DefaultSensorStatus.RUNNING,
    description="A run that fails reaches a person: log, and the webhook if there is one.",
)
def alert_on_failure(context: RunFailureSensorContext) -> None:
    alert("failed", context.dagster_run.job_name, context.failure_event.message or "no message")


sensors = [_sensor(), alert_on_failure]
