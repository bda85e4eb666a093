"""Means, pairwise majorities and contributions, on numbers that can be reckoned by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from analysis.indices.aggregate import copeland
from analysis.indices.score import rank, score
from tests.fixtures.indices import (
    LEAVES,
    by,
    index_of,
    leaf,
    part,
    random_values,
    three_parts,
    values_of,
)

NESTED = {"a": part(2, x=leaf(), y=leaf(weight=3)), "z": leaf()}


@pytest.mark.parametrize(
    ("how", "a", "total"),
    [
        ("arithmetic", 40 / 4 + 80 * 3 / 4, (70 * 2 + 10) / 3),
        ("geometric", (40 * 80**3) ** 0.25, ((40 * 80**3) ** 0.5 * 10) ** (1 / 3)),
        ("harmonic", 4 / (1 / 40 + 3 / 80), 3 / (2 * (1 / 40 + 3 / 80) / 4 + 1 / 10)),
    ],
)
def test_weights_are_nested_and_means_are_what_they_say(how: str, a: float, total: float) -> None:
    made = by(score(index_of(NESTED, aggregate=how), values_of({"u": {"x": 40, "y": 80, "z": 10}})),
              "node")  # fmt: skip
    assert made["a"]["score"] == pytest.approx(a, rel=1e-12)
    assert made["idx"]["score"] == pytest.approx(total, rel=1e-12)
    assert made["y"]["weight"] == 0.75


def test_what_is_missing_leaves_its_weight_to_its_siblings() -> None:
    table = score(index_of(NESTED), values_of({"u": {"x": 40, "z": 10}, "v": {"z": 30}}))
    made = by(table, "unit", "node")
    assert made["u", "a"]["score"] == 40
    assert (made["u", "x"]["weight"], made["u", "x"]["weight_used"]) == (0.25, 1)
    assert made["u", "idx"]["score"] == pytest.approx(30)
    assert made["u", "idx"]["coverage"] == pytest.approx(0.25 * 2 / 3 + 1 / 3)
    assert made["v", "a"] == {
        **made["v", "a"], "score": None, "weight_used": 0, "contribution": None, "coverage": 0,
    }  # fmt: skip
    assert (made["v", "idx"]["score"], made["v", "z"]["weight_used"]) == (30, 1)


def test_a_geometric_mean_shares_its_loss_by_logarithms() -> None:
    """x = 100 and 25: M = 50 and the loss of 50 is all of the second's."""
    table = score(index_of({"a": leaf(), "b": leaf()}, aggregate="geometric"),
                  values_of({"u": {"a": 100, "b": 25}, "v": {"a": 50, "b": 25}}))  # fmt: skip
    made = by(table, "unit", "node")
    assert made["u", "a"]["contribution"] == pytest.approx(50)
    assert made["u", "b"]["contribution"] == pytest.approx(0)
    loss = 100 - made["v", "idx"]["score"]
    assert made["v", "a"]["contribution"] == pytest.approx(50 - loss * log(2) / log(8))


def test_what_enters_a_geometric_mean_is_at_least_the_floor() -> None:
    of = {"a": leaf(), "b": leaf()}
    made = by(score(index_of(of, aggregate="geometric", floor=4),
                    values_of({"u": {"a": 0, "b": 100}})), "node")  # fmt: skip
    assert made["idx"]["score"] == pytest.approx(20)
    assert made["a"]["score"] == 0


@pytest.mark.parametrize("how", ["arithmetic", "geometric", "harmonic"])
@pytest.mark.parametrize("normalise", ["goalposts", "minmax", "percentile", "distance_to_best"])
def test_contributions_of_leaves_and_of_parts_add_up_to_the_score(how: str, normalise: str) -> None:
    index = three_parts(aggregate=how, normalise=normalise)
    table = score(index, random_values(50, LEAVES, seed=1, missing=0.2))
    for group in (LEAVES, ["a", "b", "c"]):
        rows = [row for row in table.to_pylist() if row["node"] in group]
        added: dict[str, float] = {}
        for row in rows:
            added[row["unit"]] = added.get(row["unit"], 0) + (row["contribution"] or 0)
        totals = {r["unit"]: r["score"] for r in table.to_pylist() if r["node"] == "idx"}
        assert added == pytest.approx(totals, abs=1e-9)


def test_different_means_in_one_tree_still_add_up() -> None:
    nested = {"a": {**part(2, x=leaf(), y=leaf()), "aggregate": "harmonic"}, "z": leaf()}
    values = {"u": {"x": 100, "y": 100, "z": 100}, "v": {"x": 0, "y": 9, "z": 50}}
    table = score(index_of(nested, aggregate="geometric"), values_of(values))
    made = by(table, "unit", "node")
    for unit in "uv":
        added = sum(made[unit, n]["contribution"] for n in "xyz")
        assert added == pytest.approx(made[unit, "idx"]["score"], abs=1e-12)
    assert [made["u", n]["contribution"] for n in "xyz"] == pytest.approx([100 / 3] * 3)


def test_without_an_end_of_the_scale_only_arithmetic_means_have_contributions() -> None:
    table = random_values(20, LEAVES, seed=2)
    made = by(score(three_parts(normalise="zscore"), table), "unit", "node")
    added = sum(made["u0003", n]["contribution"] for n in LEAVES)
    assert added == pytest.approx(made["u0003", "idx"]["score"], abs=1e-12)
    made = by(score(three_parts(normalise="rank", aggregate="geometric"), table), "unit", "node")
    assert made["u0003", "idx"]["score"] > 0
    assert made["u0003", "a"]["contribution"] is None


def test_a_majority_of_weight_wins_a_pair() -> None:
    x = np.array([[3.0, 1, 1], [2, 2, 2], [1, 3, 2]])
    # The first is even with both others, the second wins over the third.
    assert copeland(x, np.array([2.0, 1, 1])).tolist() == [0, 1, -1]
    # The second and the third are even.
    assert copeland(x, np.array([1.0, 1, 1])).tolist() == [-2, 1, 1]
    assert copeland(x, np.array([3.0, 1, 1])).tolist() == [2, 0, -2]


def test_weights_that_are_even_but_for_their_last_digit_are_even() -> None:
    x = np.array([[1.0, 1, 0], [0, 0, 1]])
    assert copeland(x, np.array([0.1, 0.2, 0.3])).tolist() == [0, 0]


def test_what_one_of_a_pair_lacks_does_not_count_between_them() -> None:
    x = np.array([[1.0, np.nan], [0, 5], [np.nan, np.nan]])
    for order in ([0, 1, 2], [2, 1, 0]):
        found = copeland(x[order], np.array([1.0, 9.0]))
        assert found[np.argsort(order)][:2].tolist() == [1, -1]
        assert np.isnan(found[np.argsort(order)][2])


def test_an_index_of_majorities_has_ranks_and_no_contributions() -> None:
    index = three_parts(aggregate="copeland")
    values = random_values(30, LEAVES, seed=3)
    made = rank(index, values)
    assert sorted(made["score"].to_pylist())[0] < 0 < sorted(made["score"].to_pylist())[-1]
    assert sum(made["score"].to_pylist()) == 0
    assert score(index, values)["contribution"].null_count == 30 * 9
