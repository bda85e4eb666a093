"""Closeness and betweenness of networks that are too large for all paths: from pivots.

Belongs here: drawing pivots, and how far a second draw is from the first. Does not belong here:
when a network is too large, and what is exact (`analysis.networks.measures`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.networks.graph import Indices, Network, Numbers
from analysis.networks.pivots import paths

SEED = 1
_TOP = 100


@dataclass(frozen=True)
class Sampled:
    """By node, the mean of two draws; and what tells these apart."""

    closeness: Numbers
    betweenness: Numbers
    closeness_error: float
    betweenness_error: float
    """Both: mean difference of the two draws, over the mean."""
    top_in_common: float
    """Share of the hundred nodes with the largest betweenness of the one that the other has."""


def sampled(network: Network, component: Indices, *, pivots: int, seed: int = SEED) -> Sampled:
    """Paths from so many pivots in every component that has more nodes (Brandes and Pich 2007);
    the smaller ones are exact.

    Drawn twice, independently; equal seeds give equal bits.
    """
    parts = list(_parts(network, component, pivots))
    draws = [_draw(parts, len(network.nodes), np.random.default_rng((seed, n))) for n in range(2)]
    (close, between), (close_again, between_again) = draws
    most = min(_TOP, len(network.nodes))
    tops = [set(np.argsort(-each, kind="stable")[:most]) for each in (between, between_again)]
    return Sampled(
        (close + close_again) / 2,
        (between + between_again) / 2,
        _apart(close, close_again),
        _apart(between, between_again),
        len(tops[0] & tops[1]) / most,
    )


@dataclass(frozen=True)
class _Part:
    nodes: Indices
    ties: sparse.csr_array
    pivots: int


def _parts(network: Network, component: Indices, pivots: int) -> Iterator[_Part]:
    """Components with a tie, in the order of their numbers."""
    lesser, greater, _ = network.ties
    ends = np.r_[lesser, greater], np.r_[greater, lesser]
    size = len(network.nodes)
    ties = sparse.csr_array((np.ones(2 * len(lesser)), ends), shape=(size, size))
    order = np.argsort(component, kind="stable")
    for nodes in np.split(order, np.flatnonzero(np.diff(component[order])) + 1):
        if len(nodes) > 1:
            yield _Part(nodes, ties[nodes][:, nodes], min(pivots, len(nodes)))


def _draw(parts: list[_Part], size: int, chosen: np.random.Generator) -> tuple[Numbers, Numbers]:
    closeness, betweenness = np.zeros(size), np.zeros(size)
    for part in parts:
        count = len(part.nodes)
        pivots = np.sort(chosen.choice(count, part.pivots, replace=False))
        distance, between = paths(part.ties, pivots)
        # A pivot has a distance of nought to itself, which is none of another node's.
        others = np.full(count, part.pivots)
        others[pivots] -= 1
        closeness[part.nodes] = others / distance * (count - 1) / (size - 1)
        betweenness[part.nodes] = between * count / part.pivots / max((size - 1) * (size - 2), 1)
    return closeness, betweenness


def _apart(one: Numbers, other: Numbers) -> float:
    mean = (one + other).sum() / 2
    return float(np.abs(one - other).sum() / mean) if mean else 0.0
