"""How far two networks agree, and how far degrees explain it."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import spearmanr

from analysis.networks.overlap import overlap, overlaps, tie_chance


def drawn(size: int, seed: int) -> np.ndarray:
    chosen = np.random.default_rng(seed)
    weight = chosen.random(size)
    pairs = np.array(list(combinations(range(size), 2))).T
    kept: np.ndarray = pairs[:, chosen.random(pairs.shape[1]) < weight[pairs].prod(axis=0)]
    return kept


def test_chances_give_every_node_its_degree() -> None:
    ends = drawn(60, 1)
    degrees = np.bincount(ends.ravel(), minlength=60)
    each, chance = tie_chance(degrees)
    place = np.searchsorted(each, degrees)
    of_pairs = chance[np.ix_(place, place)]
    np.fill_diagonal(of_pairs, 0)
    assert of_pairs.sum(axis=1) == pytest.approx(degrees, abs=1e-8)


def test_who_is_tied_to_all_or_to_none_is_certain() -> None:
    """A star of four beside a node alone: only one network has these degrees."""
    each, chance = tie_chance(np.array([3, 1, 1, 1, 0]))
    assert each.tolist() == [0, 1, 3]
    assert chance.tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 1]]


def test_ties_of_both_are_those_of_many_pairs_of_drawn_networks() -> None:
    """Networks drawn with the same chances, and counted."""
    one, other = drawn(30, 2), drawn(30, 3)
    found = overlap(one, other)
    tables = []
    for ends in (one, other):
        degrees = np.bincount(ends.ravel(), minlength=30)
        each, chance = tie_chance(degrees)
        tables.append(chance[np.ix_(*[np.searchsorted(each, degrees)] * 2)])
    upper = np.triu_indices(30, 1)
    chosen = np.random.default_rng(4)
    draws = chosen.random((2, 4_000, len(upper[0]))) < np.array(tables)[:, None, *upper]
    counts = draws.all(axis=0).sum(axis=1)
    assert found["expected_both"] == pytest.approx(counts.mean(), rel=0.02)
    assert found["spread"] == pytest.approx(counts.std(), rel=0.05)
    common = np.intersect1d(one, other)
    degrees = [np.bincount(ends.ravel(), minlength=30)[common] for ends in (one, other)]
    assert found["degree_correlation"] == pytest.approx(spearmanr(*degrees).statistic)


def test_only_common_nodes_are_compared() -> None:
    one = np.array([[1, 2, 3, 1], [2, 3, 1, 9]])
    other = np.array([[2, 1, 8], [1, 3, 2]])
    found = overlap(one, other)
    assert (found["n_cities"], found["n_ties_one"], found["n_ties_other"]) == (3, 3, 2)
    assert found["n_both"] == 2
    # A triangle has every tie: chance leaves no room.
    assert (found["expected_both"], found["spread"]) == (2.0, 0.0)
    assert overlap(one, np.array([[20], [21]])) == {}


def test_every_pair_of_networks_has_a_row() -> None:
    rows = [
        {"network": network, "time_period": "2015", "one": a, "other": b}
        for network, pairs in {"x": [(1, 2)], "y": [(1, 2), (2, 3)], "z": [(7, 8)]}.items()
        for a, b in pairs
    ]
    found = overlaps(pa.Table.from_pylist(rows)).to_pylist()
    assert [(r["one"], r["other"], r["n_both"]) for r in found] == [("x", "y", 1)]
