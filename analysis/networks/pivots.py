"""Shortest paths from some nodes to all, for many nodes at once (Brandes 2001, level by level).

Belongs here: adding up distances and shares of paths. Does not belong here: which nodes are drawn,
and what is made of the sums.

A library goes through every tie for every pivot, there and back. Here a level is reached from the
side that has fewer ties: on 1,000,000 ties the difference is that of a minute to some seconds.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from analysis.networks.graph import Indices, Numbers

# So many pairs of node and pivot at once: 80 MB a table of numbers, of which there are a few.
_AT_ONCE = 10_000_000


def paths(ties: sparse.csr_array, pivots: Indices) -> tuple[Indices, Numbers]:
    """By node: the sum of its distances to the pivots, in steps, and of its shares of the shortest
    paths from a pivot to every other node.

    `ties`: symmetric, ones; every node reaches every other.
    """
    size = ties.shape[0]
    distance, between = np.zeros(size, dtype=np.int64), np.zeros(size)
    step = max(_AT_ONCE // size, 1)
    for begin in range(0, len(pivots), step):
        found = _block(ties, pivots[begin : begin + step])
        distance += found[0]
        between += found[1]
    return distance, between


def _block(ties: sparse.csr_array, pivots: Indices) -> tuple[Indices, Numbers]:
    size, count = ties.shape[0], len(pivots)
    # A place is a pair of node and pivot, as a number: node · count + pivot.
    number = np.zeros(size * count)
    here = pivots * count + np.arange(count)
    number[here] = 1.0
    levels = [here]
    unseen = number.size - count
    distance = np.zeros(size, dtype=np.int64)
    while unseen:
        reached, paths = _reached(ties, count, number, levels[-1], unseen)
        number[reached] = paths
        unseen -= len(reached)
        distance += len(levels) * np.bincount(reached // count, minlength=size)
        levels.append(reached)
    # From the far end back: what passes a place is shared by those before it, by their paths.
    share = np.zeros(size * count)
    between = np.zeros(size)
    for before, after in zip(levels[-2:0:-1], levels[:1:-1], strict=True):
        carried = (1 + share[after]) / number[after]
        share[before] = number[before] * _summed(ties, count, after, carried, before)
        between += np.bincount(before // count, share[before], minlength=size)
    return distance, between


def _reached(
    ties: sparse.csr_array, count: int, number: Numbers, front: Indices, unseen: int
) -> tuple[Indices, Numbers]:
    """The places next to the front that have no number yet, and the paths that lead there."""
    degree = np.diff(ties.indptr)
    if degree[front // count].sum() > degree.mean() * unseen + number.size:
        places = np.flatnonzero(number == 0)
        paths = _summed(ties, count, front, number[front], places)
        return places[paths > 0], paths[paths > 0]
    product = _pushed(ties, count, front, number[front])
    places = np.repeat(np.arange(ties.shape[0]), np.diff(product.indptr)) * count + product.indices
    new = number[places] == 0
    return places[new], product.data[new]


def _summed(
    ties: sparse.csr_array, count: int, at: Indices, values: Numbers, wanted: Indices
) -> Numbers:
    """At each wanted place, the sum of the values of the places next to it."""
    degree = np.diff(ties.indptr)
    table = np.zeros(ties.shape[0] * count)
    if degree[at // count].sum() < degree[wanted // count].sum():
        product = _pushed(ties, count, at, values)
        rows = np.repeat(np.arange(ties.shape[0]), np.diff(product.indptr))
        table[rows * count + product.indices] = product.data
        return table[wanted]
    table[at] = values
    summed = np.zeros(len(wanted))
    node, pivot = wanted // count, wanted % count
    ends = np.cumsum(degree[node])
    begin = 0
    while begin < len(wanted):
        done = ends[begin - 1] if begin else 0
        end = max(int(np.searchsorted(ends, done + _AT_ONCE)), begin + 1)
        many = degree[node[begin:end]]
        starts = np.cumsum(many) - many
        arcs = np.arange(many.sum()) + np.repeat(ties.indptr[node[begin:end]] - starts, many)
        beside = table[ties.indices[arcs] * count + np.repeat(pivot[begin:end], many)]
        summed[begin:end] = np.add.reduceat(beside, starts)
        begin = end
    return summed


def _pushed(ties: sparse.csr_array, count: int, at: Indices, values: Numbers) -> sparse.csr_array:
    given = sparse.csr_array((values, (at // count, at % count)), shape=(ties.shape[0], count))
    return ties @ given
