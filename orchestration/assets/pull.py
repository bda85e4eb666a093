"""What is asked city by city: an asset per such source, and the job that fills it batch by batch.

A partition is a batch of cities (of one year, where years are asked for by themselves). A backfill
of the job pulls what is missing; a killed pull resumes at the request where it was. It takes hours
and no refresh waits for it, so the asset `pull/<source_id>` is filled by its job alone, and
"Materialize all" leaves it out.

Belongs here: partitions, one pull per host at a time. Does not belong here: what the refresh does
with the batches: `raw/<source_id>` takes all that have been pulled.
"""

from collections.abc import Iterator

from dagster import (
    AssetMaterialization,
    AssetSpec,
    Failure,
    JobDefinition,
    MultiPartitionKey,
    MultiPartitionsDefinition,
    OpExecutionContext,
    PartitionsDefinition,
    RetryRequested,
    StaticPartitionsDefinition,
    in_process_executor,
    job,
    op,
)
from filelock import FileLock

from core.errors import DeclarationError, KeyMissing, SourceError
from orchestration.assets.raw import OWNERS, pull_key, raw_key
from orchestration.resources import FetchOptions
from sources import fetch
from sources.access import PerCityAccess, batch_name
from sources.declarations import Source
from sources.protocols import per_city
from warehouse.project import Project

_RETRIES, _SECONDS = 3, 60


def _pulled(project: Project) -> Iterator[tuple[Source, PerCityAccess, PartitionsDefinition[str]]]:
    """Every source of the catalogue that is asked city by city, with its batches."""
    for source in project.catalog.sources.values():
        if isinstance(live := source.access.live, PerCityAccess):
            numbers = StaticPartitionsDefinition(live.numbers())
            if years := live.years():
                by = {"batch": numbers, "year": StaticPartitionsDefinition(years)}
                yield source, live, MultiPartitionsDefinition(by)
            else:
                yield source, live, numbers


def pull_assets(project: Project) -> list[AssetSpec]:
    """Which batches are there; no run but those of `pull_jobs` makes them."""
    return [
        AssetSpec(
            key=pull_key(source.source_id),
            group_name="pull",
            kinds={"api"},
            owners=OWNERS,
            deps=[raw_key(needed) for needed in sorted(source.access.needs())],
            description=f"{source.title}: asked city by city, {access.batch_size} cities a batch."
            f" Job `pull_{source.source_id}`, Partitions, Launch backfill pulls batches.",
            partitions_def=batches,
        )
        for source, access, batches in _pulled(project)
    ]


def pull_jobs(project: Project) -> list[JobDefinition]:
    """A job per such source; a partition of it is a batch."""
    return [_pull_job(project, *found) for found in _pulled(project)]


def _pull_job(
    project: Project, source: Source, access: PerCityAccess, batches: PartitionsDefinition[str]
) -> JobDefinition:
    # No retry policy: it would take a person's "Terminate" for a failure.
    @op(name=f"pull_batch_of_{source.source_id}")
    def pull(context: OpExecutionContext, fetch_options: FetchOptions) -> None:
        partition = context.partition_key
        if isinstance(partition, MultiPartitionKey):
            chosen = partition.keys_by_dimension
            batch = batch_name(chosen["batch"], chosen["year"])
        else:
            batch = partition
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
            tried = context.retry_number
            if isinstance(error, DeclarationError | KeyMissing) or tried == _RETRIES:
                raise Failure(str(error), allow_retries=False) from error
            context.log.warning(str(error))
            raise RetryRequested(_RETRIES, seconds_to_wait=_SECONDS * 2**tried) from error
        context.log_event(
            AssetMaterialization(
                pull_key(source.source_id),
                partition=partition,
                metadata={"bytes": receipt.size, "sha256": receipt.sha256, "url": receipt.url},
            )
        )

    @job(
        name=f"pull_{source.source_id}",
        partitions_def=batches,
        executor_def=in_process_executor,
        description=f"{source.title}: one batch of {access.batch_size} cities per partition.",
        tags={"theme": source.theme},
    )
    def pull_all() -> None:
        pull()

    return pull_all
