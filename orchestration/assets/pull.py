"""One partitioned asset per source that is asked city by city: `pull/<source_id>`.

A partition is a batch of cities (of one year, where years are asked for by themselves). A backfill
in the UI pulls what is missing; a killed pull resumes at the request where it was.

Belongs here: partitions, one pull per host at a time. Does not belong here: what the refresh does
with the batches: `raw/<source_id>` takes all that have been pulled.
"""

import warnings

from dagster import (
    AssetExecutionContext,
    AssetsDefinition,
    BackfillPolicy,
    Backoff,
    Failure,
    MaterializeResult,
    RetryPolicy,
    StaticPartitionsDefinition,
    asset,
)
from filelock import FileLock

from core.errors import DeclarationError, KeyMissing, SourceError
from orchestration.assets.raw import pull_key, raw_key
from orchestration.resources import FetchOptions
from sources import fetch
from sources.access import PerCityAccess
from sources.declarations import Source
from sources.protocols import per_city
from warehouse.project import Project

# Backfill policies are marked as beta; the exact version of Dagster is locked.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")
_RETRY = RetryPolicy(max_retries=3, delay=60, backoff=Backoff.EXPONENTIAL)


def pull_assets(project: Project) -> list[AssetsDefinition]:
    """An asset for every source of the catalogue that is asked city by city."""
    return [
        _pull_asset(project, source, source.access.live)
        for source in project.catalog.sources.values()
        if isinstance(source.access.live, PerCityAccess)
    ]


def _pull_asset(project: Project, source: Source, access: PerCityAccess) -> AssetsDefinition:
    @asset(
        key=pull_key(source.source_id),
        group_name="pull",
        kinds={source.theme},
        deps=[raw_key(needed) for needed in sorted(source.access.needs())],
        description=f"{source.title}: asked city by city, {access.batch_size} cities a batch.",
        partitions_def=StaticPartitionsDefinition(access.batches()),
        backfill_policy=BackfillPolicy.multi_run(max_partitions_per_run=1),
        retry_policy=_RETRY,
    )
    def pull(context: AssetExecutionContext, fetch_options: FetchOptions) -> MaterializeResult:
        batch = context.partition_key
        folder = project.paths.spool
        folder.mkdir(parents=True, exist_ok=True)
        try:
            # Runs of one backfill are processes of their own: together they would ask too often.
            with FileLock(folder / f".{access.hosts[0]}.lock"):
                # Its budget of time begins here.
                live = fetch.live_context(fetch_options.context(project), source, access)
                project.events.progress(source.source_id, f"pulling {batch}")
                receipt = per_city.pull(live, source, access, batch)
        except SourceError as error:
            passing = not isinstance(error, DeclarationError | KeyMissing)
            raise Failure(str(error), allow_retries=passing) from error
        return MaterializeResult(
            metadata={"bytes": receipt.size, "sha256": receipt.sha256, "url": receipt.url}
        )

    return pull
