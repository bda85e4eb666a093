"""One asset per declared source: a factory over the catalogue.

Belongs here: obtaining, and what a person sees of it. A source that disappoints never fails its
asset: a check says so, and what stands in for it flows on. Only a required source stops the run.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    Backoff,
    Failure,
    FreshnessPolicy,
    Jitter,
    MaterializeResult,
    MetadataValue,
    RetryPolicy,
    asset,
)

from orchestration.alerts import alert
from orchestration.plots import cells_per_period
from orchestration.prefetch import offer_of
from orchestration.progress import say
from orchestration.resources import SourceSupply
from orchestration.settings import home
from sources import fetch
from sources.catalog import Catalog
from sources.declarations import Source
from sources.errors import Unavailable
from sources.offers import Offer
from sources.ways import PerCityWay

# How old the bytes of a source may be before it counts as stale, by how often it changes.
MAX_AGE = {
    "daily": timedelta(days=3),
    "weekly": timedelta(days=15),
    "monthly": timedelta(days=45),
    "quarterly": timedelta(days=120),
    "yearly": timedelta(days=400),
}
_RETRY = RetryPolicy(max_retries=2, delay=30, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL)


def raw_key(source_id: str) -> AssetKey:
    """`raw/<source_id>`."""
    return AssetKey(["raw", source_id])


def pull_key(source_id: str) -> AssetKey:
    """`pull/<source_id>`: batches of cities, of a source that is asked city by city."""
    return AssetKey(["pull", source_id])


def raw_assets(catalog: Catalog) -> list[AssetsDefinition]:
    """An asset and its checks for every source of the catalogue."""
    return [_raw_asset(catalog, source) for source in catalog.sources.values()]


def _raw_asset(catalog: Catalog, source: Source) -> AssetsDefinition:
    key = raw_key(source.source_id)
    upstream = [raw_key(needed) for needed in sorted(source.ways.needs())]
    if isinstance(source.ways.live, PerCityWay):
        upstream = [pull_key(source.source_id)]
    age = MAX_AGE.get(source.cadence)

    @asset(
        key=key,
        deps=upstream,
        group_name="raw",
        kinds={source.theme},
        description=f"{source.title}. {source.publisher}, {source.licence}.",
        tags={"theme": source.theme, "cadence": source.cadence, "authority": source.authority},
        metadata={"homepage": MetadataValue.url(source.homepage), "cadence": source.cadence},
        freshness_policy=FreshnessPolicy.time_window(fail_window=age) if age else None,
        check_specs=[
            AssetCheckSpec("obtained", asset=key, description="The first way served, acceptably."),
            AssetCheckSpec("fresh", asset=key, description="Not older than its cadence allows."),
        ],
        retry_policy=_RETRY,
    )
    def raw(
        context: AssetExecutionContext, supply: SourceSupply
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        say(source.source_id, "obtaining")
        try:
            offer = _offer(context, supply, catalog, source)
        except Unavailable as error:
            alert("unavailable", source.source_id, str(error))
            # Every way has been tried, with its own retries: once more would not help.
            raise Failure(str(error), allow_retries=False) from error
        for failure in offer.failures:
            context.log.warning(failure)
        if offer.state in ("stale", "unavailable"):
            alert(offer.state, source.source_id, " | ".join(offer.failures))
        say(source.source_id, _summary(offer))
        yield MaterializeResult(asset_key=key, metadata=_metadata(source, offer))
        yield _obtained(offer)
        yield _fresh(offer, age)

    return raw


def _offer(
    context: AssetExecutionContext, supply: SourceSupply, catalog: Catalog, source: Source
) -> Offer:
    given = supply.supply()
    if given.offline or given.archive is not None:
        return fetch.obtain(given, source)

    def selected() -> list[Source]:
        keys = context.job_def.asset_layer.executable_asset_keys
        return [s for s in catalog.sources.values() if raw_key(s.source_id) in keys]

    return offer_of(context.run_id, source, selected, lambda s: fetch.obtain(given, s))


def _summary(offer: Offer) -> str:
    if offer.way is None:
        return f"unavailable: {offer.failures[-1]}"
    cells = sum(c.facts["cells"] for c in offer.contents)
    anew = any(c.decoded_anew for c in offer.contents)
    text = f"{offer.state}: {cells:,} cells" + ("" if anew else ", unchanged")
    return f"{text}; passed over: {offer.failures[-1]}" if offer.failures else text


def _metadata(source: Source, offer: Offer) -> dict[str, MetadataValue | str | int | float]:
    now = datetime.now(UTC)
    found: dict[str, MetadataValue | str | int | float] = {
        "way": offer.state,
        "licence": source.licence,
        "attribution": source.attribution,
        "dagster/row_count": sum(c.facts["rows"] for c in offer.contents),
        "cells": sum(c.facts["cells"] for c in offer.contents),
        "places": max((c.facts["cities"] for c in offer.contents), default=0),
        "content": ", ".join(c.content_id for c in offer.contents) or "none",
        "retrieved_at": offer.retrieved_at or "never",
        "age_days": round(offer.age_days(now) or 0, 1),
    }
    periods = [c.facts["first_period"] for c in offer.contents if c.facts["first_period"]]
    ends = [c.facts["last_period"] for c in offer.contents if c.facts["last_period"]]
    if periods:
        found["periods"] = f"{min(periods)} to {max(ends)}"
    files = [c.folder(home()) / "cells.parquet" for c in offer.contents]
    if plot := cells_per_period(files):
        found["cells_per_period"] = MetadataValue.md(plot)
    if offer.failures:
        found["passed_over"] = MetadataValue.md("\n".join(f"* {f}" for f in offer.failures))
    return found


def _obtained(offer: Offer) -> AssetCheckResult:
    gone = offer.state == "unavailable"
    return AssetCheckResult(
        check_name="obtained",
        passed=not offer.failures,
        severity=AssetCheckSeverity.ERROR if gone else AssetCheckSeverity.WARN,
        metadata={"state": offer.state, "failures": "\n".join(offer.failures) or "none"},
    )


def _clock(text: str) -> datetime | None:
    """An HTTP date, or None for what some servers send instead."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def _fresh(offer: Offer, allowed: timedelta | None) -> AssetCheckResult:
    """By the source's own clock where it tells one (Last-Modified), else by the fetch."""
    now = datetime.now(UTC)
    told = [c.receipt["last_modified"] for c in offer.contents if c.receipt["last_modified"]]
    days = offer.age_days(now)
    if clocks := [at for at in map(_clock, told) if at]:
        days = (now - max(clocks)).total_seconds() / 86400
    limit = allowed.days if allowed else None
    stale = offer.stale or days is None or (limit is not None and days > limit)
    return AssetCheckResult(
        check_name="fresh",
        passed=not stale,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "age_days": round(days, 1) if days is not None else "never obtained",
            "allowed_days": limit if limit is not None else "frozen: any age",
            "updated_by_source": ", ".join(told) or "not told",
        },
    )
