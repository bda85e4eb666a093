"""What is judged of one source at its asset: obtained, fresh, with the columns that are declared.

No check of these blocks a build: what stands in flows on. Belongs here: verdicts, and what a person
reads beside them. Does not belong here: the asset itself (`raw`), gates (`series`, `candidate`).
"""

from collections.abc import Iterator

from dagster import AssetCheckResult, AssetCheckSeverity, AssetKey

from sources.declarations import Source
from sources.freshness import freshness
from sources.snapshot import SourceSnapshot


def descriptions(source: Source) -> Iterator[tuple[str, str]]:
    """Name and description of every check that a source has."""
    yield "obtained", "The first access method served, acceptably."
    yield "fresh", "Not older than its cadence allows."
    if _reports_columns(source):
        yield "columns", "No column that the declaration does not name."


def _reports_columns(source: Source) -> bool:
    return any(t.additional_columns == "report" for t in source.tables.values())


def results(
    key: AssetKey, source: Source | None, snapshot: SourceSnapshot
) -> Iterator[AssetCheckResult]:
    """The verdicts; of a source whose file is broken only whether it was obtained."""
    yield _obtained(key, snapshot)
    if source:
        yield _fresh(key, source, snapshot)
        if _reports_columns(source):
            yield _columns(key, snapshot)


def _obtained(key: AssetKey, snapshot: SourceSnapshot) -> AssetCheckResult:
    gone = snapshot.state == "unavailable"
    return AssetCheckResult(
        asset_key=key,
        check_name="obtained",
        passed=not snapshot.failures,
        severity=AssetCheckSeverity.ERROR if gone else AssetCheckSeverity.WARN,
        metadata={"state": snapshot.state, "failures": "\n".join(snapshot.failures) or "none"},
    )


def _columns(key: AssetKey, snapshot: SourceSnapshot) -> AssetCheckResult:
    additional = ", ".join(snapshot.additional_columns)
    return AssetCheckResult(
        asset_key=key,
        check_name="columns",
        passed=not additional,
        severity=AssetCheckSeverity.WARN,
        metadata={"additional columns": additional or "none"},
    )


def _fresh(key: AssetKey, source: Source, snapshot: SourceSnapshot) -> AssetCheckResult:
    found = freshness(snapshot, source.cadence)
    unknown = "not stated" if snapshot.contents else "never obtained"
    return AssetCheckResult(
        asset_key=key,
        check_name="fresh",
        passed=found.is_fresh,
        severity=AssetCheckSeverity.WARN,
        metadata={
            "age_days": round(found.days, 1) if found.days is not None else unknown,
            "allowed_days": found.allowed_days or "frozen: any age",
            "updated_by_source": found.updated_by_source or "not stated",
        },
    )
