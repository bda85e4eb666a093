"""One partitioned asset per source that is asked city by city: `pull/<source_id>`.

A partition is a batch of cities (of one year, where years are asked for by themselves). A backfill
in the UI pulls what is missing; a killed pull resumes at the request where it was.

Belongs here: partitions, one pull per host at a time. Does not belong here: what the refresh does
with the batches: `raw/<source_id>` offers all that have been pulled.
"""

import warnings

from dagster import (
    AssetExecutionContext,
    AssetKey,
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

from orchestration.assets.raw import pull_key, raw_key
from orchestration.progress import say
from orchestration.resources import SourceSupply
from orchestration.settings import home
from sources import fetch
from sources.catalog import Catalog
from sources.declarations import Source
from sources.errors import DeclarationError, KeyMissing, SourceError
from sources.protocols import per_city
from sources.ways import PerCityWay

# Backfill policies are marked as beta; the exact version of Dagster is locked.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`")
_RETRY = RetryPolicy(max_retries=3, delay=60, backoff=Backoff.EXPONENTIAL)


def pull_assets(catalog: Catalog) -> list[AssetsDefinition]:
    """An asset for every source of the catalogue that is asked city by city."""
    ways = {s.source_id: s.ways.live for s in catalog.sources.values()}
    return [
        _pull_asset(catalog.sources[source_id], way)
        for source_id, way in ways.items()
        if isinstance(way, PerCityWay)
    ]


def _pull_asset(source: Source, way: PerCityWay) -> AssetsDefinition:
    key: AssetKey = pull_key(source.source_id)

    @asset(
        key=key,
        group_name="pull",
        kinds={source.theme},
        deps=[raw_key(needed) for needed in sorted(source.ways.needs())],
        description=f"{source.title}: asked city by city, {way.batch_size} cities a batch.",
        partitions_def=StaticPartitionsDefinition(way.batches()),
        backfill_policy=BackfillPolicy.multi_run(max_partitions_per_run=1),
        retry_policy=_RETRY,
    )
    def pull(context: AssetExecutionContext, supply: SourceSupply) -> MaterializeResult:
        batch = context.partition_key
        folder = home().spool
        folder.mkdir(parents=True, exist_ok=True)
        try:
            live = fetch.live_context(supply.supply(), source, way.key)
            # Runs of one backfill are processes of their own: together they would ask too often.
            with FileLock(folder / f".{way.hosts[0]}.lock"):
                say(source.source_id, f"pulling {batch}")
                receipt = per_city.pull(live, source, way, batch)
        except SourceError as error:
            passing = not isinstance(error, DeclarationError | KeyMissing)
            raise Failure(str(error), allow_retries=passing) from error
        return MaterializeResult(
            metadata={"bytes": receipt.size, "sha256": receipt.sha256, "url": receipt.url}
        )

    return pull
