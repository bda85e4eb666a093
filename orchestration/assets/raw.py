"""One asset per declared source, all of them one step: sources are obtained side by side.

Belongs here: what a person sees of a source. A source that disappoints never fails the step: a
check says so, and what stands in for it flows on. Only a required source stops the run.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetObservation,
    AssetsDefinition,
    AssetSpec,
    DagsterInstance,
    DataVersion,
    Failure,
    FreshnessPolicy,
    MaterializeResult,
    MetadataValue,
    multi_asset,
)
from dagster._core.definitions.data_version import DATA_VERSION_TAG

from core.errors import DeclarationError, ReleaseRefused
from core.settings import DOCUMENTATION
from orchestration.assets import raw_checks
from orchestration.plots import cells_per_year
from orchestration.resources import FetchOptions, WriteSlot
from orchestration.tables import literal, table
from sources.access import AccessMethod, PerCityAccess
from sources.declarations import Source
from sources.freshness import MAX_AGE, freshness
from sources.snapshot import SourceSnapshot, never_obtained, stored_snapshot
from warehouse import pipeline
from warehouse.project import Project

OBTAINED = AssetKey("obtained_sources")
OWNERS = ["team:world-city-network"]
Results = Iterator[MaterializeResult | AssetCheckResult | AssetObservation]
# Formats as Dagster's icons name them.
_KINDS = {
    "delimited": "csv", "excel": "excel", "json_objects": "json", "json_records": "json",
    "jsonstat": "json", "sparql_json": "wikidata", "worldbank_json": "json", "parquet": "parquet",
}  # fmt: skip


def raw_key(source_id: str) -> AssetKey:
    """`raw/<source_id>`."""
    return AssetKey(["raw", source_id])


def pull_key(source_id: str) -> AssetKey:
    """`pull/<source_id>`: batches of cities, of a source that is asked city by city."""
    return AssetKey(["pull", source_id])


def raw_assets(project: Project) -> AssetsDefinition:
    """One step for all sources, or those that are selected; and what all of them have, in a table.

    A check that is run without its source judges what was obtained last.
    """
    sources, broken = project.catalog.sources, project.catalog.broken

    @multi_asset(
        name="obtain_sources",
        specs=[
            *(_spec(s, broken.get(s.source_id)) for s in sources.values()),
            *(_broken_spec(s, fault) for s, fault in project.catalog.missing.items()),
            AssetSpec(
                key=OBTAINED,
                deps=[raw_key(s) for s in sources],
                group_name="build",
                kinds={"python"},
                owners=OWNERS,
                description="What every source has for the next build, and what stands in for it.",
                skippable=True,
            ),
        ],
        check_specs=[
            AssetCheckSpec(check, asset=raw_key(s), description=description)
            for s, source in sources.items()
            for check, description in raw_checks.descriptions(source)
        ]
        + [AssetCheckSpec("obtained", asset=raw_key(s)) for s in project.catalog.missing],
        can_subset=True,
    )
    def obtain_sources(
        context: AssetExecutionContext, fetch_options: FetchOptions, write_slot: WriteSlot
    ) -> Results:
        chosen = {k.path[-1] for k in context.selected_asset_keys if k != OBTAINED}
        judged = {k.asset_key.path[-1] for k in context.selected_asset_check_keys}
        try:
            for source, snapshot in pipeline.obtain(
                project, fetch_options.context(project), chosen
            ):
                for failure in snapshot.failures:
                    context.log.warning(failure)
                if source:
                    yield _event(project, context.instance, source, snapshot)
                if snapshot.source_id in judged:
                    yield from raw_checks.results(raw_key(snapshot.source_id), source, snapshot)
        except ReleaseRefused as error:
            # Every access method has been tried, with its own retries: again would not help.
            raise Failure(str(error), allow_retries=False) from error
        for source_id in sorted(judged - chosen):
            stored = stored_snapshot(project.paths, source_id) or never_obtained(source_id)
            if source_id in broken:
                failures = dict.fromkeys((str(broken[source_id]), *stored.failures))
                stored = replace(stored, failures=tuple(failures))
            yield from raw_checks.results(raw_key(source_id), sources.get(source_id), stored)
        if OBTAINED in context.selected_asset_keys:
            yield all_sources(project)

    return obtain_sources


def _broken_spec(source_id: str, fault: DeclarationError) -> AssetSpec:
    """Of a source whose file says nothing that could be used, and has said nothing before."""
    return AssetSpec(
        key=raw_key(source_id),
        group_name="raw_broken",
        owners=OWNERS,
        description=literal(str(fault)),
        skippable=True,
    )


def _spec(source: Source, fault: DeclarationError | None) -> AssetSpec:
    live = source.access.live
    upstream = [raw_key(needed) for needed in sorted(source.access.needs())]
    if isinstance(live, PerCityAccess):
        upstream = [pull_key(source.source_id)]
    age = MAX_AGE.get(source.cadence)
    planned = f"refresh_{source.cadence}" if age else "none: it is frozen, and never due by itself"
    return AssetSpec(
        key=raw_key(source.source_id),
        deps=upstream,
        group_name=f"raw_{source.theme}",
        kinds={_KINDS.get(t.format.kind, "file") for t in source.tables.values()},
        owners=OWNERS,
        description=(f"{literal(str(fault))}\n\n" if fault else "")
        + f"{source.title}. {source.publisher}, {source.licence}."
        " Materialize obtains it; if its bytes are new, a release follows by itself"
        " (sensor `release_what_is_new`).",
        tags={"theme": source.theme, "cadence": source.cadence, "authority": source.authority},
        metadata={
            "homepage": MetadataValue.url(source.homepage),
            "documentation": MetadataValue.url(
                f"{DOCUMENTATION}reference/sources.html#{source.source_id}"
            ),
            "cadence": source.cadence,
            "schedule": planned,
            "access": ", ".join(source.access.declared()),
        },
        freshness_policy=FreshnessPolicy.time_window(fail_window=age) if age else None,
        skippable=True,
    )


def _event(
    project: Project, instance: DagsterInstance, source: Source, snapshot: SourceSnapshot
) -> MaterializeResult | AssetObservation:
    """A materialisation where bytes were obtained; where none were, only an observation.

    Dagster's freshness counts from the last materialisation, so it may not follow from an attempt.
    """
    key, version = raw_key(source.source_id), snapshot_version(snapshot)
    metadata = snapshot_metadata(project, source, snapshot)
    if is_materialised(instance, source, snapshot):
        return MaterializeResult(asset_key=key, metadata=metadata, data_version=version)
    # What is there is of a version, whoever made it; what is not there has none.
    tags = {DATA_VERSION_TAG: version.value} if snapshot.contents else {}
    return AssetObservation(asset_key=key, metadata=metadata, tags=tags)


def is_materialised(instance: DagsterInstance, source: Source, snapshot: SourceSnapshot) -> bool:
    """Whether a snapshot counts as a new materialisation: its bytes are fresh, or news to Dagster.

    What a publisher did not give today is no news: older bytes that stand in renew nothing.
    """
    if snapshot.stale or not snapshot.contents:
        return False
    return freshness(snapshot, source.cadence).is_fresh or not is_known(
        instance, raw_key(source.source_id), snapshot_version(snapshot)
    )


def is_known(instance: DagsterInstance, key: AssetKey, version: DataVersion) -> bool:
    """Whether the last materialisation that Dagster has of an asset is of this version."""
    last = instance.get_latest_materialization_event(key)
    made = last.asset_materialization if last else None
    return made is not None and (made.tags or {}).get(DATA_VERSION_TAG) == version.value


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
        found["passed_over"] = MetadataValue.text("\n".join(snapshot.failures))
    return found


def all_sources(project: Project) -> MaterializeResult:
    """What every source has, those first that need a person."""
    catalog = project.catalog
    snapshots = {s: stored_snapshot(project.paths, s) or never_obtained(s) for s in catalog.ids}
    rows = [
        {
            "source": source_id,
            "state": "broken declaration" if source_id in catalog.missing else snapshot.state,
            "cells": sum(c.facts["cells"] for c in snapshot.contents),
            "retrieved": snapshot.retrieved_at or "never",
            "passed over": " | ".join(snapshot.failures)[:300],
        }
        for source_id, snapshot in sorted(snapshots.items())
    ]
    count = Counter(row["state"] for row in rows)
    methods = get_args(AccessMethod)
    versions = sorted(f"{s}:{snapshot_version(found).value}" for s, found in snapshots.items())
    return MaterializeResult(
        asset_key=OBTAINED,
        metadata={
            **{f"sources {state}": n for state, n in count.most_common()},
            "states": table(sorted(rows, key=lambda row: row["state"] in methods)),
        },
        # The same where every source gave what it gave before.
        data_version=DataVersion(hashlib.sha256("\n".join(versions).encode()).hexdigest()[:16]),
    )
