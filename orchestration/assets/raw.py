"""One asset per declared source, all of them one step: sources are obtained side by side.

Belongs here: what a person sees of a source. A source that disappoints never fails the step: a
check says so, and what stands in for it flows on. Only a required source stops the run.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    DataVersion,
    Failure,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)

from core.errors import ReleaseRefused
from core.settings import DOCUMENTATION
from orchestration.plots import cells_per_year
from orchestration.resources import FetchOptions, WriteSlot
from sources.access import PerCityAccess
from sources.declarations import Source
from sources.snapshot import SourceSnapshot
from warehouse import pipeline
from warehouse.project import Project

# How old the bytes of a source may be before it counts as stale, by how often it changes.
MAX_AGE = {
    "daily": timedelta(days=3),
    "weekly": timedelta(days=15),
    "monthly": timedelta(days=45),
    "quarterly": timedelta(days=120),
    "yearly": timedelta(days=400),
}
Results = Iterator[MaterializeResult | AssetCheckResult]


def raw_key(source_id: str) -> AssetKey:
    """`raw/<source_id>`."""
    return AssetKey(["raw", source_id])


def pull_key(source_id: str) -> AssetKey:
    """`pull/<source_id>`: batches of cities, of a source that is asked city by city."""
    return AssetKey(["pull", source_id])


def raw_assets(project: Project) -> list[AssetsDefinition]:
    """A step for all sources, and one for those that take what was pulled city by city."""
    sources = list(project.catalog.sources.values())
    pulled = [s for s in sources if isinstance(s.access.live, PerCityAccess)]
    others = [s for s in sources if s not in pulled]
    return [
        _step(project, name, group)
        for name, group in (("obtain_sources", others), ("obtain_pulled_sources", pulled))
        if group
    ]


def _step(project: Project, name: str, sources: Sequence[Source]) -> AssetsDefinition:
    @multi_asset(
        name=name,
        specs=[_spec(s) for s in sources],
        check_specs=[
            AssetCheckSpec(check, asset=raw_key(s.source_id), description=description)
            for s in sources
            for check, description in (
                ("obtained", "The first access method served, acceptably."),
                ("fresh", "Not older than its cadence allows."),
            )
        ],
        can_subset=True,
    )
    def obtain_sources(
        context: AssetExecutionContext, fetch_options: FetchOptions, write_slot: WriteSlot
    ) -> Results:
        chosen = {key.path[-1] for key in context.selected_asset_keys}
        try:
            for source, obtained in pipeline.obtain(
                project, fetch_options.context(project), chosen
            ):
                yield from _results(context, project, source, obtained)
        except ReleaseRefused as error:
            # Every access method has been tried, with its own retries: again would not help.
            raise Failure(str(error), allow_retries=False) from error

    return obtain_sources


def _spec(source: Source) -> AssetSpec:
    upstream = [raw_key(needed) for needed in sorted(source.access.needs())]
    if isinstance(source.access.live, PerCityAccess):
        upstream = [pull_key(source.source_id)]
    age = MAX_AGE.get(source.cadence)
    return AssetSpec(
        key=raw_key(source.source_id),
        deps=upstream,
        group_name="raw",
        kinds={source.theme},
        description=f"{source.title}. {source.publisher}, {source.licence}.",
        tags={"theme": source.theme, "cadence": source.cadence, "authority": source.authority},
        metadata={
            "homepage": MetadataValue.url(source.homepage),
            "documentation": MetadataValue.url(
                f"{DOCUMENTATION}reference/sources.html#{source.source_id}"
            ),
            "cadence": source.cadence,
        },
        freshness_policy=FreshnessPolicy.time_window(fail_window=age) if age else None,
        skippable=True,
    )


def _results(
    context: AssetExecutionContext, project: Project, source: Source, snapshot: SourceSnapshot
) -> Results:
    for failure in snapshot.failures:
        context.log.warning(failure)
    yield MaterializeResult(
        asset_key=raw_key(source.source_id),
        metadata=snapshot_metadata(project, source, snapshot),
        data_version=snapshot_version(snapshot),
    )
    yield _obtained(snapshot)
    yield _fresh(snapshot, MAX_AGE.get(source.cadence))


def snapshot_version(snapshot: SourceSnapshot) -> DataVersion:
    """The same for the same bytes, read in the same way: whatever was asked, and whenever."""
    return DataVersion(
        ",".join(sorted(f"{c.content_id}-{c.parse_version}" for c in snapshot.contents)) or "none"
    )


def snapshot_metadata(
    project: Project, source: Source, snapshot: SourceSnapshot
) -> dict[str, MetadataValue | str | int | float]:
    """What a person sees of what a source gave: where from, how old, how much, of which years."""
    now = datetime.now(UTC)
    found: dict[str, MetadataValue | str | int | float] = {
        "access_method": snapshot.state,
        "licence": source.licence,
        "attribution": source.attribution,
        "dagster/row_count": sum(c.facts["rows"] for c in snapshot.contents),
        "cells": sum(c.facts["cells"] for c in snapshot.contents),
        "places": max((c.facts["cities"] for c in snapshot.contents), default=0),
        "content": ", ".join(c.content_id for c in snapshot.contents) or "none",
        "retrieved_at": snapshot.retrieved_at or "never",
        "age_days": round(snapshot.age_days(now) or 0, 1),
    }
    periods = [c.facts["first_period"] for c in snapshot.contents if c.facts["first_period"]]
    ends = [c.facts["last_period"] for c in snapshot.contents if c.facts["last_period"]]
    if periods:
        found["periods"] = f"{min(periods)} to {max(ends)}"
    if plot := cells_per_year(snapshot.contents, project.paths.cache):
        found["cells_per_year"] = MetadataValue.md(plot)
    if snapshot.failures:
        found["passed_over"] = MetadataValue.md("\n".join(f"* {f}" for f in snapshot.failures))
    return found


def _obtained(snapshot: SourceSnapshot) -> AssetCheckResult:
    gone = snapshot.state == "unavailable"
    return AssetCheckResult(
        asset_key=raw_key(snapshot.source_id),
        check_name="obtained",
        passed=not snapshot.failures,
        severity=AssetCheckSeverity.ERROR if gone else AssetCheckSeverity.WARN,
        metadata={"state": snapshot.state, "failures": "\n".join(snapshot.failures) or "none"},
    )


def _clock(text: str) -> datetime | None:
    """An HTTP date, or None for what some servers send instead."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def _fresh(snapshot: SourceSnapshot, allowed: timedelta | None) -> AssetCheckResult:
    """By the source's own clock where it gives one (Last-Modified), else by the fetch."""
    now = datetime.now(UTC)
    receipts = [c.receipt for c in snapshot.contents]
    updated = [r["last_modified"] for r in receipts if r["last_modified"]]
    days = snapshot.age_days(now)
    if clocks := [at for at in map(_clock, updated) if at]:
        days = (now - max(clocks)).total_seconds() / 86400
    limit = allowed.days if allowed else None
    stale = snapshot.stale or days is None or (limit is not None and days > limit)
    return AssetCheckResult(
        asset_key=raw_key(snapshot.source_id),
        check_name="fresh",
        passed=not stale,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "age_days": round(days, 1) if days is not None else "never obtained",
            "allowed_days": limit if limit is not None else "frozen: any age",
            "updated_by_source": ", ".join(updated) or "not stated",
        },
    )
