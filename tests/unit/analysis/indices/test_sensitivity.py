"""Which choice and which leaf matters, where that is known beforehand."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest

from analysis.indices.score import rank, score
from analysis.indices.sensitivity import (
    CHOICE,
    _shares,
    leave_one_out,
    sensitivity,
    variance_shares,
)
from analysis.indices.whatif import without
from tests.fixtures.indices import (
    LEAVES,
    by,
    index_of,
    leaf,
    random_values,
    three_parts,
    values_of,
)


def test_a_choice_that_moves_nothing_has_no_share_and_the_only_other_has_all() -> None:
    """Without outliers, treating them is no choice."""
    chosen = np.random.default_rng(1)
    values = values_of({f"u{n:02}": {"a": chosen.uniform(5, 95), "b": chosen.uniform(5, 95)}
                        for n in range(40)})  # fmt: skip
    index = index_of({"a": leaf(), "b": leaf()},
                     uncertainty={"treat": [False, True], "concentration": 5})  # fmt: skip
    made = by(sensitivity(index, values), "choice", "node")
    assert list(made) == [("treat", None), ("weights", "idx")]
    assert made["treat", None]["total_share"] == 0
    assert made["treat", None]["first_holds_zero"]
    assert made["treat", None]["total_holds_zero"]
    weights = made["weights", "idx"]
    assert weights["first_share"] == pytest.approx(1, abs=0.1)
    assert weights["total_share"] == pytest.approx(1, abs=0.1)
    assert not weights["first_holds_zero"]
    assert weights["first_low"] < weights["first_share"] < weights["first_high"]


def test_shares_are_those_of_a_function_whose_shares_are_known() -> None:
    """f = 2·x1 + x2 of independent uniform numbers: shares 0.8 and 0.2."""
    a, b = np.random.default_rng(2).random((2, 2, 60_000))
    f = lambda x: 2 * x[0] + x[1] - 1.5  # noqa: E731
    mixed = np.array([[f([b[0], a[1]])], [f([a[0], b[1]])]])
    first, total = _shares(f(a)[None], f(b)[None], mixed)
    assert first[0] == pytest.approx([0.8, 0.2], abs=0.02)
    assert total[0] == pytest.approx([0.8, 0.2], abs=0.02)


def test_shares_are_the_same_bits_each_time_and_need_somebody_to_rank() -> None:
    index = three_parts(uncertainty={"aggregate": ["geometric"], "impute": ["median"]})
    values = random_values(30, LEAVES, seed=3, missing=0.1)
    shuffled = values.take(np.random.default_rng(0).permutation(values.num_rows))
    made = sensitivity(index, values, base=64)
    assert made.equals(sensitivity(index, shuffled, base=64))
    kinds = ["aggregate", "impute", "weights", "weights", "weights"]
    assert made["choice"].to_pylist() == kinds
    assert sensitivity(index, values_of({})).equals(CHOICE.empty_table())


def test_ranks_that_nothing_moves_have_no_shares() -> None:
    values = values_of({f"u{n}": {"a": n, "b": n} for n in range(5)})
    index = index_of({"a": leaf(), "b": leaf()})
    (row,) = sensitivity(index, values, base=16).to_pylist()
    assert (row["first_share"], row["total_share"]) == (None, None)


def test_without_a_node_ranks_are_what_was_said_they_would_be() -> None:
    index = three_parts(coverage={"index": 0.7, "part": 0.4})
    values = random_values(40, LEAVES, seed=4, missing=0.2)
    made = leave_one_out(index, values)
    before = by(rank(index, values), "unit")
    assert made.nodes["node"].to_pylist() == ["a", "a1", "a2", "a3", "b", "b1", "b2", "c"]
    for effect in made.nodes.to_pylist():
        told = by(rank(without(index, effect["node"]), values), "unit")
        said = made.units.filter(pc.equal(made.units["node"], effect["node"]))
        moved = []
        for row in said.to_pylist():
            unit = row["unit"]
            assert (row["score"], row["rank"]) == (told[unit]["score"], told[unit]["rank"])
            if told[unit]["rank"] and before[unit]["rank"]:
                moved.append(told[unit]["rank"] - before[unit]["rank"])
                assert row["rank_change"] == moved[-1]
            else:
                assert row["rank_change"] is None
        assert effect["mean_rank_change"] == pytest.approx(np.abs(moved).mean())
        assert (effect["units"], effect["most_rank_change"]) == (len(moved), np.abs(moved).max())


def test_the_last_leaf_cannot_be_left_out() -> None:
    made = leave_one_out(index_of({"a": leaf()}), values_of({"u": {"a": 1}}))
    assert (made.units.num_rows, made.nodes.num_rows) == (0, 0)


@pytest.mark.parametrize("aggregate", ["arithmetic", "geometric"])
def test_shares_of_variance_sum_to_one_and_are_covariances(aggregate: str) -> None:
    index = three_parts(aggregate=aggregate)
    values = random_values(50, LEAVES, seed=5)
    made = by(variance_shares(index, values), "node")
    assert sum(made[n]["variance_share"] for n in LEAVES) == pytest.approx(1, abs=1e-12)
    assert sum(made[n]["variance_share"] for n in "abc") == pytest.approx(1, abs=1e-12)
    table = score(index, values).to_pylist()
    of = {n: [r["contribution"] for r in table if r["node"] == n] for n in ("idx", "b1")}
    spread = np.cov(of["b1"], of["idx"])
    assert made["b1"]["variance_share"] == pytest.approx(spread[0, 1] / spread[1, 1], rel=1e-9)
    assert made["b1"]["weight"] == pytest.approx(1 / 4.5 / 3)


def test_a_leaf_without_differences_explains_nothing_whatever_its_weight() -> None:
    index = index_of({"a": leaf(weight=9), "b": leaf()})
    made = by(variance_shares(index, values_of({f"u{n}": {"a": 50, "b": n} for n in range(5)})),
              "node")  # fmt: skip
    assert (made["a"]["weight"], made["a"]["variance_share"]) == (0.9, 0)
    assert made["b"]["variance_share"] == pytest.approx(1)
