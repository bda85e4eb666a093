"""Gate 1: every series is judged whole, before anything is computed from it.

Belongs here: the checks on a series, their bounds and their consequences. Does not belong here:
computing the profile that they read (`int_series__profile`), or single values (row rules in dbt).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from expectations.engine import validate

Severity = Literal["withhold", "refuse", "warn"]
PROFILE = ("intermediate", "int_series__profile")
# Of many exchanged pairs some are enough.
_MAX_DETAIL = 600


@dataclass(frozen=True)
class SeriesCheck:
    """A bound on one column of the profile; null means that the check does not apply.

    `withhold`: the series is kept from readers. `refuse`: new content that breaks it is refused as
    a whole, and the last good content used. `warn`: it is said, and published.
    """

    name: str
    column: str
    severity: Severity
    explanation: str
    min_value: float | None = None
    max_value: float | None = None
    detail: str | None = None
    """A column of the profile that says more where the bound is broken."""

    @property
    def allowed(self) -> str:
        """The bounds as a person reads them."""
        if self.max_value is None:
            return f"from {self.min_value:g}"
        return (
            f"to {self.max_value:g}"
            if self.min_value is None
            else f"{self.min_value:g} to {self.max_value:g}"
        )


CHECKS = (
    SeriesCheck(
        "impossible_values_are_rare", "impossible_share", "withhold",
        "share of values outside the indicator's valid range", max_value=0.05,
    ),
    SeriesCheck(
        "cities_differ", "constant_share", "withhold",
        "share of values that are the same number in all cities of a year", max_value=0.8,
    ),
    SeriesCheck(
        "implausible_values_are_rare", "implausible_share", "withhold",
        "share of lone slips and of values far outside all other cities", max_value=0.05,
    ),
    SeriesCheck(
        "time_is_continuous", "step_share", "withhold",
        "share of steps from one period to the next beyond the indicator's max_step",
        max_value=0.1,
    ),
    SeriesCheck(
        "scale_agrees_with_better_sources", "peer_ratio", "withhold",
        "median ratio to the same figures of better placed sources", 0.2, 5.0,
    ),
    SeriesCheck(
        "scale_agrees_with_gazetteer", "gazetteer_ratio", "withhold",
        "median ratio of populations to the gazetteer's", 0.02, 50.0,
    ),
    SeriesCheck(
        "order_agrees_with_better_sources", "peer_correlation", "withhold",
        "correlation with the same figures of better placed sources", min_value=0.3,
    ),
    SeriesCheck(
        "order_agrees_with_gazetteer", "gazetteer_scatter", "withhold",
        "share of cities three times off the usual ratio to the gazetteer", max_value=0.3,
    ),
    SeriesCheck(
        "labels_keep_their_series", "exchanged_cities", "refuse",
        "number of cities that have what another had in the current release", max_value=0,
        detail="exchanged_pairs",
    ),
    SeriesCheck(
        "scale_holds", "median_ratio", "refuse",
        "median ratio to the same cells of the current release", 0.5, 2.0,
    ),
    SeriesCheck(
        "values_hold", "revised_share", "refuse",
        "share of the current release's values that change by more than a fifth", max_value=0.25,
    ),
    SeriesCheck(
        "coverage_holds", "lost_share", "refuse",
        "share of the current release's cells that are gone", max_value=0.2,
    ),
    SeriesCheck(
        "labels_resolve", "resolved_share", "warn",
        "share of cells whose label leads to a city", min_value=0.6,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class AcceptedBreak:
    """A break that a person let through once, bound to the contents it was seen in."""

    check: str
    source_id: str
    content_ids: tuple[str, ...]
    reason: str
    accepted_by: str
    accepted_at: str


@dataclass(frozen=True)
class SeriesGate:
    """Verdicts of gate 1, ready for dbt, and what speaks against whole contents."""

    verdicts: pa.Table
    results: pa.Table
    refusals: dict[str, str]
    """source_id → why its new content is refused."""
    broken: pa.Table
    """Every bound that a series breaks: check_name, source_id, indicator, spatial_unit, found,
    allowed."""


def judge_series(
    database: Path,
    docs: Path,
    contents: Mapping[str, Iterable[str]],
    renewed: Iterable[str],
    breaks: Iterable[AcceptedBreak],
) -> SeriesGate:
    """Judge every row of `int_series__profile`.

    `contents`: content ids by source. `renewed`: sources whose content differs from the current
    release's, so that there is something to fall back to. A check that GX and the SQL beside it
    count differently raises RuntimeError: then neither may be believed.
    """
    import great_expectations.expectations as gxe

    expectations = [
        gxe.ExpectColumnValuesToBeBetween(
            column=c.column,
            min_value=c.min_value,
            max_value=c.max_value,
            meta={"check": c.name, "note": f"{c.explanation} ({c.severity})"},
        )
        for c in CHECKS
    ]
    outcomes = {o.check: o for o in validate(database, {PROFILE: expectations}, docs, "series")}
    with duckdb.connect(str(database), read_only=True) as connection:
        broken = _broken(connection)
        profile = connection.execute(
            "select source_id, indicator, spatial_unit, cells, cities, previous_cells"
            f" from {'.'.join(PROFILE)}"
        ).fetchall()
    for check in CHECKS:
        found = sum(check.name == b[3] for b in broken)
        if outcomes[check.name].unexpected != found:
            raise RuntimeError(
                f"gate 1, {check.name}: Great Expectations counts"
                f" {outcomes[check.name].unexpected} series, SQL {found}"
            )
    renewed, breaks = set(renewed), list(breaks)
    verdicts, refusals = _verdicts(profile, broken, contents, renewed, breaks)
    results = pa.Table.from_pylist(
        [
            {
                "check_name": c.name,
                "severity": c.severity,
                "expectation": f"{outcomes[c.name].expectation}: {c.explanation}",
                "success": outcomes[c.name].success,
                "unexpected": outcomes[c.name].unexpected,
            }
            for c in CHECKS
        ]
    )
    return SeriesGate(verdicts, results, refusals, _broken_table(broken))


def _broken_table(broken: list[_Broken]) -> pa.Table:
    allowed = {c.name: c.allowed for c in CHECKS}
    names = ("check_name", "source_id", "indicator", "spatial_unit", "found", "allowed")
    rows = [
        dict(zip(names, (check, source, indicator, unit, value, allowed[check]), strict=True))
        for source, indicator, unit, check, value, _ in broken
    ]
    text = [(n, pa.string()) for n in names if n != "found"]
    schema = pa.schema([*text[:4], ("found", pa.float64()), *text[4:]])
    return pa.Table.from_pylist(rows, schema=schema)


_Broken = tuple[str, str, str, str, float, str | None]


def _broken(connection: duckdb.DuckDBPyConnection) -> list[_Broken]:
    """(source, indicator, unit, check, value, detail) for every bound that a series breaks."""
    queries = [
        f"""select source_id, indicator, spatial_unit, '{c.name}', {c.column}::double,
                {c.detail or "null"}::varchar
            from {".".join(PROFILE)}
            where {c.column} < {_sql(c.min_value)} or {c.column} > {_sql(c.max_value)}"""
        for c in CHECKS
    ]
    return connection.execute(" union all ".join(queries)).fetchall()


def _sql(bound: float | None) -> str:
    return "null" if bound is None else str(bound)


def _verdicts(
    profile: list[tuple[str, str, str, int, int, int | None]],
    broken: list[_Broken],
    contents: Mapping[str, Iterable[str]],
    renewed: set[str],
    breaks: list[AcceptedBreak],
) -> tuple[pa.Table, dict[str, str]]:
    checks = {c.name: c for c in CHECKS}
    published = {(s, i, u) for s, i, u, _, _, previous in profile if previous}
    reasons: dict[tuple[str, str, str], list[tuple[Severity, str]]] = {}
    refusals: dict[str, list[str]] = {}
    for source_id, indicator, unit, name, value, detail in broken:
        check = checks[name]
        severity: Severity = check.severity
        text = f"{name}: {check.explanation} is {value:.3g}, allowed {check.allowed}"
        if detail:
            text += f" ({detail[:_MAX_DETAIL]})"
        pardon = _pardon(breaks, name, source_id, set(contents.get(source_id, ())))
        if pardon:
            severity, text = "warn", f"{text}; accepted by {pardon.accepted_by}: {pardon.reason}"
        elif source_id in renewed and (
            severity == "refuse"
            or (severity == "withhold" and (source_id, indicator, unit) in published)
        ):
            # Readers have good values of this series: better those than none.
            refusals.setdefault(source_id, []).append(f"{indicator} ({unit}) {text}")
        elif severity == "refuse":
            # Nothing to fall back to: what changed is our code or another source, not its content.
            severity = "warn"
        reasons.setdefault((source_id, indicator, unit), []).append((severity, text))
    rows = []
    for source_id, indicator, unit, cells, cities, _ in profile:
        found = reasons.get((source_id, indicator, unit), [])
        grave = any(s in ("withhold", "refuse") for s, _ in found)
        rows.append(
            {
                "source_id": source_id,
                "indicator": indicator,
                "spatial_unit": unit,
                "verdict": "withheld" if grave else "warn" if found else "pass",
                "reason": "; ".join(text for _, text in found) or None,
                "cells": cells,
                "cities": cities,
            }
        )
    schema = pa.schema(
        [(n, pa.string()) for n in ("source_id", "indicator", "spatial_unit", "verdict", "reason")]
        + [("cells", pa.int64()), ("cities", pa.int64())]
    )
    return pa.Table.from_pylist(rows, schema=schema), {
        source: " | ".join(texts) for source, texts in refusals.items()
    }


def _pardon(
    breaks: list[AcceptedBreak], check: str, source_id: str, content_ids: set[str]
) -> AcceptedBreak | None:
    return next(
        (
            b
            for b in breaks
            if (b.check, b.source_id) == (check, source_id) and content_ids & set(b.content_ids)
        ),
        None,
    )
