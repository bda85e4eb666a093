"""Gate 1: what a broken bound does to a series, to new content, and to one that was let through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from expectations.series import CHECKS, AcceptedBreak, SeriesGate, judge_series

QUIET: dict[str, Any] = {
    "source_id": "s__a",
    "indicator": "population",
    "spatial_unit": "city_proper",
    "cells": 100,
    "cities": 10,
    "previous_cells": None,
    **{c.column: None for c in CHECKS},
    **{c.detail: None for c in CHECKS if c.detail},
}


def judge(
    tmp_path: Path,
    *series: dict[str, Any],
    renewed: tuple[str, ...] = (),
    breaks: tuple[AcceptedBreak, ...] = (),
) -> SeriesGate:
    numbers = {n: pa.int64() for n in ("cells", "cities", "previous_cells")}
    named = ("source_id", "indicator", "spatial_unit", *(c.detail for c in CHECKS if c.detail))
    texts = {n: pa.string() for n in named}
    schema = pa.schema(
        [(n, texts.get(n) or numbers.get(n) or pa.float64()) for n in QUIET]  # type: ignore[misc]
    )
    table = pa.Table.from_pylist([{**QUIET, **s} for s in series], schema=schema)
    path = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema intermediate")
        connection.register("handed", table)
        connection.execute("create table intermediate.int_series__profile as from handed")
    return judge_series(path, tmp_path / "docs", {"s__a": ["c2"]}, renewed, breaks)


def verdict(gate: SeriesGate, row: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = gate.verdicts.to_pylist()[row]
    return found


def test_a_series_that_breaks_nothing_passes_and_docs_are_written(tmp_path: Path) -> None:
    gate = judge(tmp_path, {"median_ratio": 1.0})
    assert (verdict(gate)["verdict"], verdict(gate)["reason"]) == ("pass", None)
    assert (tmp_path / "docs" / "index.html").exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        (c.column, c.max_value + 1 if c.max_value is not None else (c.min_value or 0) - 1)
        for c in CHECKS
        if c.severity == "withhold"
    ],
)
def test_a_broken_series_is_withheld_with_the_check_and_the_figure(
    tmp_path: Path, column: str, value: float
) -> None:
    gate = judge(tmp_path, {column: value}, {"indicator": "gdp_cny"})
    assert verdict(gate)["verdict"] == "withheld"
    assert next(c.name for c in CHECKS if c.column == column) in verdict(gate)["reason"]
    assert verdict(gate, 1)["verdict"] == "pass"
    assert gate.refusals == {}


def test_new_content_that_drifts_is_refused_as_a_whole(tmp_path: Path) -> None:
    gate = judge(tmp_path, {"median_ratio": 1000.0}, renewed=("s__a",))
    assert "scale_holds" in gate.refusals["s__a"]
    assert "population" in gate.refusals["s__a"]


def test_new_content_that_breaks_a_published_series_is_refused(tmp_path: Path) -> None:
    broken = {"constant_share": 1.0, "previous_cells": 90}
    assert judge(tmp_path, broken, renewed=("s__a",)).refusals
    unknown = {"constant_share": 1.0, "previous_cells": None}
    assert not judge(tmp_path / "b", unknown, renewed=("s__a",)).refusals


def test_content_with_exchanged_labels_is_refused_and_the_pairs_are_named(tmp_path: Path) -> None:
    pairs = "Aby (1) has what Bex (2) had, Bex (2) has what Aby (1) had"
    found = {"exchanged_cities": 2, "exchanged_pairs": pairs}
    gate = judge(tmp_path, found, renewed=("s__a",))
    assert "labels_keep_their_series" in gate.refusals["s__a"]
    assert pairs in gate.refusals["s__a"]


def test_drift_of_unchanged_content_is_said_but_published(tmp_path: Path) -> None:
    gate = judge(tmp_path, {"lost_share": 0.9})
    assert (verdict(gate)["verdict"], gate.refusals) == ("warn", {})


def test_an_accepted_break_passes_once_for_that_content(tmp_path: Path) -> None:
    entry = AcceptedBreak("values_hold", "s__a", ("c2",), "census 2025", "ada", "2026-01-01")
    series = {"revised_share": 0.9}
    gate = judge(tmp_path, series, renewed=("s__a",), breaks=(entry,))
    assert (verdict(gate)["verdict"], gate.refusals) == ("warn", {})
    assert "census 2025" in verdict(gate)["reason"]
    other = AcceptedBreak("values_hold", "s__a", ("c1",), "census 2020", "ada", "2021-01-01")
    assert judge(tmp_path / "b", series, renewed=("s__a",), breaks=(other,)).refusals


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
