"""The chain of an independent engine: COINr's own example, step by step to 1e-9.

Its data stay beside the project; the declaration is made from its table of the tree.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv_arrow
import pytest

from analysis.indices.score import Scored, scored
from analysis.indices.whatif import without
from catalog.index import Index
from tests.fixtures.indices import SAID, by

REFERENCE = Path(__file__).parents[5] / "shared" / "reference" / "coinr-asem"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="no folder shared/reference beside the repository"
)


def read(name: str) -> pa.Table:
    options = csv_arrow.ConvertOptions(null_values=["NA", ""], strings_can_be_null=True)
    return csv_arrow.read_csv(REFERENCE / f"{name}.csv", convert_options=options)


def tree(parent: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in by(read("meta"), "iCode").values():
        if row["Parent"] != parent or row["Type"] not in ("Indicator", "Aggregate"):
            continue
        node = {"name": row["iName"], "weight": row["Weight"]}
        if row["Type"] == "Aggregate":
            node["parts"] = tree(row["iCode"])
        else:
            higher = row["Direction"] == 1
            node["direction"] = "higher_is_better" if higher else "lower_is_better"
            node["per"] = row["Denominator"]
        found[row["iCode"]] = node
    return found


@cache
def declared() -> Index:
    return Index.model_validate(
        {**SAID, "index": "Index", "parts": tree("Index"), "normalise": "minmax", "treat": {}}
        | {"coverage": {"index": 0, "part": 0}}
    )


@cache
def values() -> pa.Table:
    wide = read("data")
    meta = by(read("meta"), "iCode")
    codes = [c for c, row in meta.items() if row["Type"] in ("Indicator", "Denominator")]
    return pa.concat_tables(
        pa.table(
            {
                "unit": wide["uCode"],
                "indicator": [code] * wide.num_rows,
                "value": wide[code].cast(pa.float64()),
            }
        )
        for code in codes
    )


@cache
def ours() -> Scored:
    return scored(declared(), values())


def theirs(name: str, codes: list[str]) -> np.ndarray:
    table = read(name).sort_by("uCode")
    assert table["uCode"].to_pylist() == ours().cells.units
    columns = [table[c].cast(pa.float64()).to_numpy(zero_copy_only=False) for c in codes]
    return np.stack(columns, axis=1)


def leaf_codes() -> list[str]:
    return [ours().tree.codes[place] for place in ours().tree.leaves]


def test_values_are_denominated_treated_and_normalised_as_there() -> None:
    for name, matrix in (
        ("denominated", ours().cells.ratio),
        ("treated", ours().treated.values),
        ("normalised_minmax_0_100", ours().leaves),
    ):
        np.testing.assert_allclose(matrix, theirs(name, leaf_codes()), rtol=0, atol=1e-9)


def test_the_same_points_are_drawn_in_for_the_same_reason() -> None:
    done = by(ours().treatment(), "node")
    for row in read("treated_how").to_pylist():
        mine = done[row["iCode"]]
        assert mine["points"] == (row["winsorise.nwin"] or 0), row["iCode"]
        assert mine["treatment"] == ("winsorised" if row["winsorise.nwin"] else "none")
        for when, step in (("before", 0), ("after", 1 if row["winsorise.nwin"] else 0)):
            for ours_, theirs_ in (("skewness", "Skew"), ("kurtosis", "Kurt")):
                told = row[f"check_SkewKurt{step}.{theirs_}"]
                assert mine[f"{ours_}_{when}"] == pytest.approx(told, abs=1e-9)


def test_all_levels_are_aggregated_as_there() -> None:
    codes = ours().tree.codes
    made = ours().scores
    np.testing.assert_allclose(made, theirs("aggregated_arithmetic", codes), rtol=0, atol=1e-9)
    # Printed with two decimals.
    np.testing.assert_allclose(made, theirs("results_full", codes), rtol=0, atol=0.005 + 1e-9)
    assert ours().rank.tolist() == theirs("results_full", ["Rank"])[:, 0].tolist()


def test_ranks_move_as_there_when_a_pillar_is_left_out() -> None:
    told = by(read("leave_one_pillar_out_mean_abs_rank_change"), "code")
    del told["Nominal"]
    assert len(told) == 8
    for code, row in told.items():
        moved = scored(without(declared(), code), values()).rank - ours().rank
        assert np.abs(moved).mean() == pytest.approx(row["l$MeanAbsDiff"], abs=1e-9), code


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric", "harmonic"])
@pytest.mark.parametrize("lowest", [0, 1])
def test_contributions_add_up_on_real_data_with_gaps(aggregate: str, lowest: float) -> None:
    chosen = declared().model_copy(update={"aggregate": aggregate, "lowest": lowest})
    made = scored(chosen, values())
    added = np.nansum(made.contributions[:, made.tree.leaves], axis=1)
    np.testing.assert_allclose(added, made.total, rtol=0, atol=1e-9)
