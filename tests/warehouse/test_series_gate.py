"""Gate 1: what a broken bound does to a series, to new content, and to one that was let through."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from expectations.series import CHECKS, AcceptedBreak, SeriesGate, judge_series
from tests.fixtures import models

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


def impossible_share(*cells: tuple[str | None, int]) -> float:
    """Of a series whose cells have these reasons, so many each: the share gate 1 judges."""
    key = {"source_id": "s__a", "indicator": "share", "spatial_unit": "city_proper"}
    texts = [(n, pa.string()) for n in key]
    cell = pa.schema(
        [
            *texts,
            ("cell_id", pa.int64()),
            ("city_id", pa.int64()),
            ("time_period", pa.string()),
            ("obs_value", pa.float64()),
            ("reason", pa.string()),
        ]
    ).empty_table()
    numbers = ("constant_share", "step_share", "peer_ratio", "peer_correlation", "previous_cells")
    numbers += ("lost_share", "revised_share", "median_ratio", "exchanged_cities")
    measured = pa.schema(
        [*texts, *((n, pa.float64()) for n in numbers), ("exchanged_pairs", pa.string())]
    ).empty_table()
    counted = [
        {**key, "role": "observations", "outcome": "resolved", "disposition": None}
        | {"reason": reason, "has_value": True, "cells": n}
        for reason, n in cells
    ]
    kinds = ("constant", "step", "peer", "previous", "exchanged")
    (row,) = models.run(
        "int_series__profile",
        {
            "int_series__cell_count": pa.Table.from_pylist(
                counted,
                schema=pa.schema(
                    [
                        *texts,
                        *((n, pa.string()) for n in ("role", "outcome", "disposition")),
                        ("reason", pa.string()),
                        ("has_value", pa.bool_()),
                        ("cells", pa.int64()),
                    ]
                ),
            ),
            "int_cell__distinct": cell,
            "int_cell__implausible": cell,
            "int_observation": cell,
            "int_city": pa.table({"city_id": [1], "gazetteer_population": [1]}),
            "indicator": [
                {"indicator": "share", "gazetteer_comparable": False, "population_hint": False}
            ],
            **{f"int_series__{kind}": measured for kind in kinds},
        },
    )
    share: float = row["impossible_share"]
    return share


def test_one_impossible_value_is_a_slip_and_takes_no_short_series_with_it() -> None:
    """A count of persons among seven percentages."""
    assert impossible_share((None, 6), ("impossible_value", 1)) == 0
    assert impossible_share((None, 6), ("impossible_value", 2)) == 0.25
