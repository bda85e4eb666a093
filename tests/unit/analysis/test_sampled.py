"""Closeness and betweenness from pivots: exact where all are drawn, near where some are."""

from __future__ import annotations

import networkit as nk
import numpy as np
import pyarrow as pa
import pytest

from analysis.networks.graph import Network, Numbers, network, scores
from analysis.networks.measures import measure
from analysis.networks.sampled import Sampled, sampled


def scattered(size: int, ties: int) -> Network:
    """A network in pieces: a large one with hubs, small ones, and nodes without ties."""
    chosen = np.random.default_rng(8)
    ends = (chosen.random((ties, 2)) ** 2 * size).astype(int)
    small = [(size + i, size + i + 1) for i in range(0, 30, 3)]
    pairs = np.array([*ends.tolist(), *small])
    names = np.array([f"n{i:05}" for i in range(size + 32)])
    tied = {"origin": names[pairs[:, 0]], "destination": names[pairs[:, 1]]}
    return network(names.tolist(), pa.table({**tied, "weight": np.ones(len(pairs))}))


def component(of: Network) -> np.ndarray:
    graph = of.undirected()
    found = nk.components.ConnectedComponents(graph).run().getPartition().getVector()
    return np.array(found, dtype=np.int64)


def exactly(of: Network) -> tuple[Numbers, Numbers]:
    graph, variant = of.undirected(), nk.centrality.ClosenessVariant.GENERALIZED
    return (
        scores(nk.centrality.Closeness(graph, True, variant)),
        scores(nk.centrality.Betweenness(graph, normalized=True)),
    )


def drawn(of: Network, **how: int) -> Sampled:
    return sampled(of, component(of), **how)


def test_where_every_node_is_a_pivot_nothing_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    # Some pivots at a time, and some ties at a time.
    monkeypatch.setattr("analysis.networks.pivots._AT_ONCE", 5_000)
    of = scattered(300, 700)
    closeness, betweenness = exactly(of)
    found = drawn(of, pivots=1_000)
    assert found.closeness == pytest.approx(closeness, abs=1e-12)
    assert found.betweenness == pytest.approx(betweenness, abs=1e-12)
    assert (found.closeness_error, found.betweenness_error) == (0.0, 0.0)
    assert found.top_in_common == 1.0


def test_a_dense_network_is_reached_from_the_other_side() -> None:
    of = scattered(400, 20_000)
    closeness, betweenness = exactly(of)
    found = drawn(of, pivots=1_000)
    assert found.closeness == pytest.approx(closeness, abs=1e-12)
    assert found.betweenness == pytest.approx(betweenness, abs=1e-12)


def test_two_draws_are_as_far_apart_as_they_are_from_the_truth() -> None:
    of = scattered(3_000, 6_000)
    closeness, betweenness = exactly(of)
    few, many = drawn(of, pivots=100), drawn(of, pivots=1_000)
    for found in (few, many):
        between = np.abs(found.betweenness - betweenness).sum() / betweenness.sum()
        close = np.abs(found.closeness - closeness).sum() / closeness.sum()
        assert 0 < between < found.betweenness_error
        # All nodes lie on one side of it together: that is less even.
        assert 0 < close < 3 * found.closeness_error
    assert many.betweenness_error < few.betweenness_error
    assert many.top_in_common > few.top_in_common
    # Components with no more nodes than pivots are exact.
    small = np.bincount(component(of))[component(of)] <= 100
    assert few.closeness[small] == pytest.approx(closeness[small], abs=1e-12)


def test_a_seed_gives_the_same_bits_and_another_one_others() -> None:
    of = scattered(500, 1_000)
    one, same, other = (drawn(of, pivots=50, seed=seed) for seed in (3, 3, 4))
    assert (one.betweenness == same.betweenness).all()
    assert (one.closeness == same.closeness).all()
    assert (one.betweenness != other.betweenness).any()


def test_only_a_large_network_is_sampled_and_says_so() -> None:
    of = scattered(300, 700)
    names = ("pivots", "sampling_error", "closeness_error", "top_in_common")
    whole = measure(of, directed=False)
    assert {whole[name].null_count for name in names} == {whole.num_rows}
    assert measure(of, directed=False, exact=(10, 10), pivots=300).equals(whole)
    for most in ((331, 10_000), (10_000, 600)):
        part = measure(of, directed=False, exact=most, pivots=40)
        assert set(part["pivots"].to_pylist()) == {80}
        assert part["sampling_error"][0].as_py() > 0
        assert part.drop(["closeness", "betweenness", *names]).equals(
            whole.drop(["closeness", "betweenness", *names])
        )
