"""Groups of nodes with more ties among them than chance would give, as far as they are stable.

Belongs here: many runs, their agreement, the one that stands for them. Does not belong here: other
measures.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from analysis.networks.graph import Indices, Network, one_thread_pool, plain

STABLE = 0.7
"""Runs that agree less (adjusted Rand index) tell of no stable communities, and none are given."""


@dataclass(frozen=True)
class Communities:
    """One label and one share of agreeing runs a node; None where there are no stable ones."""

    label: list[int | None]
    agreement_of_node: list[float | None]
    agreement: float | None
    """Of all pairs of runs; None where there is no tie."""


def communities(network: Network, *, seeds: int) -> Communities:
    """The Louvain method with refinement (Blondel et al. 2008), so many times.

    What it finds depends on the order in which it looks at the nodes: each seed has its own.

    The run that agrees best with all others gives the labels, numbered by size from 0 on. Agreement
    is the mean adjusted Rand index (Hubert and Arabie 1985) of all pairs of runs. A node's is the
    share of the other runs in which its community is, by most of its members, the labelled one.
    """
    size = len(network.nodes)
    none: list[None] = [None] * size
    if not len(network.origin):
        return Communities(list(none), list(none), None)
    with one_thread_pool(os.cpu_count() or 1) as pool:
        runs = list(pool.map(lambda seed: _run(network, seed), range(seeds)))
    alike = np.eye(len(runs))
    for one, other in combinations(range(len(runs)), 2):
        alike[one, other] = alike[other, one] = adjusted_rand(runs[one], runs[other])
    pairs = alike[np.triu_indices(len(runs), 1)]
    agreement = float(pairs.mean()) if len(pairs) else 1.0
    if agreement < STABLE:
        return Communities(list(none), list(none), agreement)
    best = int(alike.sum(axis=0).argmax())
    chosen = _by_size(runs[best])
    others = [run for n, run in enumerate(runs) if n != best]
    same = np.mean([_translated(run, chosen) == chosen for run in others], axis=0)
    # Nor has a node one that the other runs mostly put elsewhere.
    labels = [int(n) if share >= STABLE else None for n, share in zip(chosen, same, strict=True)]
    return Communities(labels, same.tolist(), agreement)


def adjusted_rand(one: Indices, other: Indices) -> float:
    """Hubert and Arabie (1985), of two labellings of the same nodes; 1 is equality, 0 is chance."""
    together = _pairs(np.unique(one * (other.max() + 1) + other, return_counts=True)[1])
    first, second = _pairs(np.bincount(one)), _pairs(np.bincount(other))
    expected = first * second / _pairs(np.array([len(one)]))
    most = (first + second) / 2
    return 1.0 if most == expected else float((together - expected) / (most - expected))


def _pairs(counts: Indices) -> float:
    return float((counts * (counts - 1.0) / 2).sum())


def _run(network: Network, seed: int) -> Indices:
    import networkit as nk

    lesser, greater, _ = network.ties
    order = np.random.default_rng(seed).permutation(len(network.nodes))
    graph = plain(len(order), order[lesser], order[greater])
    found = nk.community.PLM(graph, refine=True, gamma=1.0, par="none").run().getPartition()
    found.compact()
    return np.array(found.getVector(), dtype=np.int64)[order]


def _by_size(labels: Indices) -> Indices:
    """Numbered from the largest on; of equal ones, the one of the first node."""
    _, first, place, counts = np.unique(
        labels, return_index=True, return_inverse=True, return_counts=True
    )
    return np.argsort(np.lexsort((first, -counts)))[place]


def _translated(labels: Indices, chosen: Indices) -> Indices:
    """Each community by the chosen one that most of its nodes have."""
    table = np.zeros((labels.max() + 1, chosen.max() + 1), dtype=np.int64)
    np.add.at(table, (labels, chosen), 1)
    best: Indices = table.argmax(axis=1)
    return best[labels]
