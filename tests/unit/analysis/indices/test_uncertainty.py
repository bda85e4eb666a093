"""Many other choices at once: each draw is what the chain gives, and doubts are where they are."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from analysis.indices.choices import Choices, Draws, dirichlet
from analysis.indices.score import rank, scored
from analysis.indices.uncertainty import PAIR, UNIT, _groups, uncertainty
from analysis.indices.whatif import with_values
from catalog.index import Index
from tests.fixtures.indices import (
    LEAVES,
    by,
    index_of,
    leaf,
    random_values,
    three_parts,
    values_of,
)

ALL = {
    "normalise": ["goalposts", "minmax", "zscore", "rank", "percentile", "distance_to_best"],
    "aggregate": ["arithmetic", "geometric", "harmonic"],
    "treat": [False, True],
    "impute": ["left_out", "median", "peers"],
}


def doubted(**said: object) -> Index:
    return three_parts(zscore={"mean": 50, "sd": 10}, uncertainty={**ALL, "draws": 200, **said})


def test_each_draw_is_what_the_index_would_say_if_that_were_declared() -> None:
    index = doubted()
    values = random_values(60, LEAVES, seed=11, missing=0.15)
    giants = {("u0001", "a1"): 900.0, ("u0002", "a1"): 700.0, ("u0003", "b2"): 2000.0}
    values = with_values(values, giants)
    choices = Choices(scored(index, values))
    kinds = list(product(range(6), range(3), range(2)))
    n, a, t = np.array(kinds).T
    weights = np.repeat(choices.of.tree.weights[:, None], len(kinds), axis=1)
    made = choices.scores(Draws(n, a, t, np.zeros(len(kinds), np.int64), weights))
    assert not np.array_equal(made[:, kinds.index((2, 0, 0))], made[:, kinds.index((2, 0, 1))])
    for column, (n, a, t) in zip(made.T, kinds, strict=True):
        update = {
            "normalise": choices.normalise[n],
            "aggregate": choices.aggregate[a],
            "treat": {} if choices.treat[t] else None,
        }
        said = Index.model_validate(index.model_dump() | update)
        told = scored(said, values).total[choices.of.rankable]
        np.testing.assert_array_equal(column, told)


def test_what_is_missing_is_lent_by_all_or_by_the_nearest() -> None:
    """The nearest five have 10 to 14; the other four, far away, have 90."""
    units = {f"n{k}": {"a": 50, "b": 50 + k, "c": 10 + k} for k in range(5)}
    units |= {f"o{k}": {"a": 5, "b": 5, "c": 90} for k in range(4)} | {"u": {"a": 50, "b": 50}}
    index = index_of({"a": leaf(), "b": leaf(), "c": leaf()}, coverage={"index": 0.5},
                     uncertainty={"impute": ["median", "peers"]})  # fmt: skip
    choices = Choices(scored(index, values_of(units)))
    assert choices.impute == ["left_out", "median", "peers"]
    none, weights = np.zeros(3, np.int64), np.ones((4, 3))
    made = choices.scores(Draws(none, none, none, np.arange(3), weights))
    assert made[-1].tolist() == [50, pytest.approx(114 / 3), pytest.approx(112 / 3)]


def test_without_other_choices_and_with_sure_weights_nothing_moves() -> None:
    index = three_parts(uncertainty={"draws": 50, "concentration": 1e12})
    values = random_values(30, LEAVES, seed=12)
    declared, made = by(rank(index, values), "unit"), by(uncertainty(index, values).units, "unit")
    for unit, row in made.items():
        assert {row["rank_median"], row["rank_p05"], row["rank_p95"]} == {declared[unit]["rank"]}
        assert row["score_p05"] == pytest.approx(declared[unit]["score"], abs=1e-3)


def test_the_same_seed_and_any_order_of_rows_give_the_same_bits() -> None:
    index, values = doubted(), random_values(40, LEAVES, seed=13, missing=0.1)
    shuffled = values.take(np.random.default_rng(0).permutation(values.num_rows))
    one, other = uncertainty(index, values), uncertainty(index, shuffled)
    assert one.units.equals(other.units)
    assert one.pairs.equals(other.pairs)
    assert not uncertainty(doubted(seed=2), values).units.equals(one.units)


def test_who_is_better_in_everything_stands_above_for_sure_and_equals_do_in_half() -> None:
    index = three_parts(uncertainty={"aggregate": ALL["aggregate"], "draws": 100})
    better = {"a1": 60, "a2": 30, "a3": 70, "b1": 60, "b2": 30, "c": 60}
    worse = {"a1": 50, "a2": 40, "a3": 50, "b1": 50, "b2": 40, "c": 50}
    made = uncertainty(index, values_of({"best": better, "twin1": worse, "twin2": worse}))
    pairs = by(made.pairs, "unit", "other")
    assert pairs["best", "twin1"]["probability"] == 1
    assert pairs["twin1", "twin2"]["probability"] == 0.5
    assert [r["rank_group"] for r in made.units.to_pylist()] == [1, 2, 2]
    assert [r["rank_p95"] for r in made.units.to_pylist()] == [1, 2, 2]


def test_pairs_are_those_within_so_many_ranks() -> None:
    values = values_of({f"u{n}": {"a": n} for n in range(9)})
    pairs = uncertainty(index_of({"a": leaf()}), values, near=2).pairs.to_pylist()
    assert len(pairs) == 8 + 7
    assert (pairs[0]["unit"], pairs[0]["other"], pairs[0]["probability"]) == ("u8", "u7", 1)


def test_a_group_ends_where_its_leader_is_surely_above() -> None:
    """Draws of four units: the second is behind the first in 9 of 10, the third in all."""
    ranks = np.array([[1] * 9 + [2], [2] * 9 + [1], [3] * 10, [4] * 10], float)
    assert _groups(ranks).tolist() == [1, 1, 2, 3]
    assert _groups(ranks[:1]).tolist() == [1]
    many = np.repeat(np.arange(200.0)[:, None], 4, axis=1)
    assert _groups(many).tolist() == list(range(1, 201))
    assert set(_groups(np.ones((200, 4))).tolist()) == {1}


def test_who_has_no_rank_has_no_interval_and_no_pair() -> None:
    index = doubted()
    few = values_of({"poor": {"a1": 99.0}})
    values = pa.concat_tables([random_values(20, LEAVES, seed=14), few])
    made = uncertainty(index, values)
    assert made.units.num_rows == 20
    assert "poor" not in {*made.pairs["unit"].to_pylist(), *made.pairs["other"].to_pylist()}
    nothing = uncertainty(index, few)
    assert (nothing.units.schema, nothing.units.num_rows) == (UNIT, 0)
    assert (nothing.pairs.schema, nothing.pairs.num_rows) == (PAIR, 0)


def test_an_index_of_majorities_is_doubted_by_means() -> None:
    index = three_parts(aggregate="copeland", uncertainty={"draws": 20})
    made = uncertainty(index, random_values(20, LEAVES, seed=15)).units
    assert made.num_rows == 20
    assert made["rank_median"].null_count == 0


def test_scores_of_different_scales_are_not_mixed() -> None:
    index = doubted(draws=2000)
    scores = uncertainty(index, random_values(30, LEAVES, seed=16)).units["score_p95"].to_pylist()
    plain = three_parts(uncertainty={**ALL, "normalise": [], "draws": 2000})
    told = uncertainty(plain, random_values(30, LEAVES, seed=16)).units["score_p95"].to_pylist()
    assert scores == pytest.approx(told, abs=3)


def test_weights_are_drawn_around_the_declared_ones_as_widely_as_declared() -> None:
    of = scored(doubted(concentration=20), random_values(5, LEAVES, seed=17))
    weights = dirichlet(of, np.random.default_rng(1), 20_000)
    tree = of.tree
    for below in tree.children.values():
        np.testing.assert_allclose(weights[below].sum(axis=0), 1, atol=1e-12)
    share = tree.weights[1:]
    np.testing.assert_allclose(weights[1:].mean(axis=1), share, atol=0.005)
    np.testing.assert_allclose(
        weights[1:].std(axis=1), (share * (1 - share) / 21) ** 0.5, atol=0.005
    )
