"""Why scores and ranks changed: worked by hand where that is possible, exact everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from analysis.indices.change import CAUSES, PASS, UNIT, change
from analysis.indices.score import rank, score
from tests.fixtures.indices import (
    LEAVES,
    by,
    index_of,
    leaf,
    random_values,
    three_parts,
)

Cell = float | tuple[float, int] | tuple[float, int, str]
TWO = {"a": leaf(), "b": leaf()}


def edition(units: Mapping[str, Mapping[str, Cell]]) -> pa.Table:
    """Unit → indicator → value, or value and year, or value, year and spatial unit."""
    columns: dict[str, list[Any]] = {
        n: [] for n in ("unit", "indicator", "value", "year", "spatial_unit")
    }
    for unit, cells in units.items():
        for code, cell in cells.items():
            said = cell if isinstance(cell, tuple) else (cell,)
            row = (unit, code, *said, *(2019, "city")[len(said) - 1 :])
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    types = (pa.string(), pa.string(), pa.float64(), pa.int32(), pa.string())
    return pa.Table.from_pydict(columns, schema=pa.schema(zip(columns, types, strict=True)))


def split(index: Any, before: Any, after: Any, unit: str = "u") -> dict[str, float]:
    row = by(change(index, edition(before), edition(after)).units, "unit")[unit]
    return {cause: row[cause] for cause in CAUSES if row[cause]}


def test_each_cause_is_told_from_the_others() -> None:
    index, before = index_of(TWO), {"u": {"a": 40, "b": 50}}
    for cell, cause in (
        ((60, 2020), "own_value"),
        ((60, 2019), "revision"),
        ((60, 2019, "metro"), "boundary"),
        ((60, 2020, "metro"), "boundary"),
    ):
        found = split(index, before, {"u": {"a": cell, "b": 50}})
        assert found == {cause: pytest.approx(10)}, cell
    assert split(index, before, {"u": {"a": 40}}) == {"coverage": pytest.approx(-5)}
    # The same value of another year is no change.
    assert split(index, before, {"u": {"a": (40, 2020), "b": 50}}) == {}


def test_two_causes_of_a_geometric_mean_share_what_they_do_together() -> None:
    """25 → 100: each alone would bring 25, and both bring 75."""
    index = index_of(TWO, aggregate="geometric")
    found = split(index, {"u": {"a": 25, "b": 25}}, {"u": {"a": (100, 2020), "b": 100}})
    assert found == {"own_value": pytest.approx(37.5), "revision": pytest.approx(37.5)}


def test_others_move_the_scale_and_nobody_moves_it_under_himself() -> None:
    index = index_of({"a": leaf()}, normalise="minmax")
    before = {"low": {"a": 0}, "u": {"a": 50}, "top": {"a": 100}}
    after = before | {"top": {"a": (200, 2020)}}
    assert split(index, before, after) == {"others": pytest.approx(-25)}
    assert split(index, before, after, "top") == {}
    assert split(index_of({"a": leaf()}), before, after) == {}
    # A newcomer is one of the others.
    after = before | {"new": {"a": 200}}
    assert split(index, before, after) == {"others": pytest.approx(-25)}


def test_a_divided_leaf_changes_with_what_it_is_divided_by() -> None:
    index = index_of({"a": leaf(0, 1, per="p")})
    before = {"u": {"a": 4, "p": 8}}
    assert split(index, before, {"u": {"a": 4, "p": (5, 2020)}}) == {"own_value": pytest.approx(30)}
    assert split(index, before, {"u": {"a": 4, "p": 5}}) == {"revision": pytest.approx(30)}
    assert split(index, before, {"u": {"a": 4, "p": (5, 2019, "metro")}}) == {
        "boundary": pytest.approx(30)
    }


def two_editions(units: int, seed: int) -> tuple[pa.Table, pa.Table]:
    chosen = np.random.default_rng(seed)
    values = random_values(units, LEAVES, seed, missing=0.1)
    size = values.num_rows
    before = values.append_column("year", pa.array([2019] * size)).append_column(
        "spatial_unit", pa.array(["city"] * size)
    )
    x = values["value"].to_numpy(zero_copy_only=False) * chosen.choice([1, 0.7, 1.4], size)
    x[chosen.random(size) < 0.1] = np.nan
    back = chosen.random(size) < 0.05
    x = np.where(np.isnan(x) & back, 30.0, x)
    columns = {
        "unit": values["unit"],
        "indicator": values["indicator"],
        "value": pa.array(x, from_pandas=True),
        "year": pa.array(chosen.choice([2019, 2020], size)),
        "spatial_unit": pa.array(chosen.choice(["city", "metro"], size, p=[0.9, 0.1])),
    }
    after = pa.table(columns)
    # Two leave, one comes.
    gone = pa.compute.is_in(after["unit"], pa.array(["u0001", "u0002"]))
    new = edition({"zz": dict.fromkeys(LEAVES, 70)}).cast(after.schema)
    return before, pa.concat_tables([after.filter(pa.compute.invert(gone)), new])


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric", "harmonic"])
@pytest.mark.parametrize("normalise", ["goalposts", "minmax", "zscore", "rank"])
@pytest.mark.parametrize("treat", [None, {}])
def test_causes_sum_to_the_change_and_moves_to_that_of_the_rank(
    aggregate: str, normalise: str, treat: Any
) -> None:
    index = three_parts(
        aggregate=aggregate, normalise=normalise, treat=treat, zscore={"mean": 50, "sd": 10}
    )
    before, after = two_editions(40, seed=21)
    made = change(index, before, after)
    old, new = (by(rank(index, t), "unit") for t in (before, after))
    assert made.units.num_rows == 41
    passed: dict[str, int] = {}
    for row in made.passes.to_pylist():
        passed[row["passed"]] = passed.get(row["passed"], 0) + 1
        assert new[row["passed"]]["rank"] > new[row["passed_by"]]["rank"]
        assert old[row["passed"]]["rank"] <= old[row["passed_by"]]["rank"]
        assert row["points"] > 0
        assert row["cause_in"] in (row["passed"], row["passed_by"])
    for row in made.units.to_pylist():
        unit = row["unit"]
        if unit in ("u0001", "u0002", "zz"):
            assert (row["change"], row["own_value"], row["overtaken"]) == (None, None, None)
            continue
        assert (row["score_before"], row["score_after"]) == (old[unit]["score"], new[unit]["score"])
        assert sum(row[c] for c in CAUSES) == pytest.approx(row["change"], abs=1e-9)
        if normalise == "goalposts" and treat is None:
            assert row["others"] == 0
        if row["rank_change"] is None:
            assert row["overtaken"] is None
            continue
        assert row["rank_change"] == new[unit]["rank"] - old[unit]["rank"]
        assert row["rank_change"] == (
            row["overtaken"] - row["overtook"] + row["joined"] - row["left"]
        )
        assert row["overtaken"] == passed.get(unit, 0)
    assert passed


def test_points_are_the_mean_over_all_orders_of_the_causes() -> None:
    """The definition itself, by scoring 120 orders step by step."""
    index = index_of({"a": leaf(), "b": leaf(), "c": leaf(), "d": leaf(), "e": leaf()},
                     normalise="minmax", aggregate="harmonic")  # fmt: skip
    before = {"low": dict.fromkeys("abcde", 0), "u": dict.fromkeys("abcd", 50)}
    before["top"] = dict.fromkeys("abcde", 100)
    new = {"own_value": ("a", (90, 2020)), "revision": ("b", (70, 2019)),
           "boundary": ("c", (20, 2019, "metro")), "coverage": ("e", 80)}  # fmt: skip
    others = {"top": dict.fromkeys("abcde", (160, 2020))}
    after = before | others | {"u": {**before["u"], **dict(new.values())}}

    def total(done: tuple[str, ...]) -> float:
        said = {**before, **(others if "others" in done else {})}
        said["u"] = {**before["u"], **dict(new[c] for c in done if c != "others")}
        return float(by(rank(index, edition(said)), "unit")["u"]["score"])

    expected = dict.fromkeys(CAUSES, 0.0)
    for order in permutations(CAUSES):
        for n, cause in enumerate(order):
            expected[cause] += (total(order[: n + 1]) - total(order[:n])) / 120
    assert split(index, before, after) == pytest.approx(expected, abs=1e-9)


def test_who_passed_whom_and_why() -> None:
    index = index_of(TWO)
    before = {"u": {"a": 60, "b": 60}, "v": {"a": 50, "b": 50}, "w": {"a": 40, "b": 40}}
    after = before | {"u": {"a": 30, "b": 60}, "v": {"a": (56, 2020), "b": 50}}
    made = change(index, edition(before), edition(after))
    (row,) = made.passes.to_pylist()
    assert (row["passed"], row["passed_by"]) == ("u", "v")
    assert (row["cause"], row["cause_in"]) == ("revision", "u")
    assert row["points"] == pytest.approx(15)
    rows = by(made.units, "unit")
    assert [rows[u]["rank_change"] for u in "uvw"] == [1, -1, 0]


def test_an_index_of_pairs_and_an_empty_edition() -> None:
    nothing = edition({})
    with pytest.raises(ValueError, match="expected means in all of idx"):
        change(three_parts(aggregate="copeland"), nothing, nothing)
    made = change(three_parts(), nothing, nothing)
    assert (made.units.schema, made.units.num_rows) == (UNIT, 0)
    assert (made.passes.schema, made.passes.num_rows) == (PASS, 0)
    made = change(three_parts(), nothing, edition({"u": dict.fromkeys(LEAVES, 1)}))
    assert made.units.to_pylist()[0]["rank_after"] == 1


def test_rows_in_another_order_and_smaller_blocks_give_the_same_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = two_editions(40, seed=22)
    index = three_parts(normalise="zscore", treat={})
    whole = change(index, before, after)
    monkeypatch.setattr("analysis.indices.change._AT_ONCE", 200)
    order = np.random.default_rng(0).permutation(after.num_rows)
    parts = change(index, before, after.take(order))
    assert parts.units.equals(whole.units)
    assert parts.passes.equals(whole.passes)


def test_the_scores_are_those_of_the_chain() -> None:
    before, after = two_editions(20, seed=23)
    made = by(change(three_parts(), before, after).units, "unit")
    told = by(score(three_parts(), after), "unit", "node")
    assert made["u0005"]["score_after"] == told["u0005", "idx"]["score"]
