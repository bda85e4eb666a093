"""A table of ties as a graph.

Belongs here: numbering nodes, adding up ties. Does not belong here: measuring.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

if TYPE_CHECKING:
    # Loaded where it is used: that takes a second, and many a build has no network.
    import networkit as nk

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """The nodes of a network in alphabetical order, and its ties by their places in it.

    One tie per pair and direction, weights added up; none of a node with itself.
    """

    nodes: list[str]
    origin: Indices
    destination: Indices
    weight: Numbers

    @cached_property
    def ties(self) -> tuple[Indices, Indices, Numbers]:
        """Ties without direction: lesser place, greater place, weight of both directions."""
        lesser = np.minimum(self.origin, self.destination)
        greater = np.maximum(self.origin, self.destination)
        return _added(lesser, greater, self.weight)

    def undirected(self) -> nk.Graph:
        """A tie in either direction is one, without weight."""
        lesser, greater, _ = self.ties
        return plain(len(self.nodes), lesser, greater)

    def directed(self, is_directed: bool) -> nk.Graph:
        """Ties with their weights; those without direction lead both ways."""
        if is_directed:
            return _weighted(len(self.nodes), self.origin, self.destination, self.weight)
        lesser, greater, weight = self.ties
        ends = np.r_[lesser, greater], np.r_[greater, lesser]
        return _weighted(len(self.nodes), *ends, np.r_[weight, weight])


def network(nodes: list[str], ties: pa.Table) -> Network:
    """Of all nodes, tied or not, and ties `origin`, `destination` and `weight` (positive).

    Raises ValueError for a tie to no node, and for a weight that is not above zero.
    """
    nodes = sorted(nodes)
    places = pa.array(nodes, pa.string())
    for end in ("origin", "destination"):
        known = pc.is_in(ties[end], places)
        if not pc.all(known, min_count=0).as_py():
            unknown = ties[end].filter(pc.invert(known))[0]
            raise ValueError(f"expected nodes at both ends of a tie; {unknown} is none")
    if pc.any(pc.less_equal(ties["weight"], 0), min_count=0).as_py():
        raise ValueError("expected weights above zero; found a tie without one")
    origin = pc.index_in(ties["origin"], places).to_numpy().astype(np.int64)
    destination = pc.index_in(ties["destination"], places).to_numpy().astype(np.int64)
    weight = ties["weight"].to_numpy().astype(np.float64)
    between = origin != destination
    return Network(nodes, *_added(origin[between], destination[between], weight[between]))


def plain(size: int, origin: Indices, destination: Indices) -> nk.Graph:
    """Without weights and directions: paths are counted in steps, which is faster by far."""
    import networkit as nk

    return nk.GraphFromCoo(
        (origin.astype(np.uint64), destination.astype(np.uint64)), n=size, directed=False
    )


@contextmanager
def one_thread() -> Iterator[None]:
    """Sums in one order, so that equal input gives equal bits."""
    import networkit as nk

    before = nk.getMaxNumberOfThreads()
    nk.setNumberOfThreads(1)
    try:
        yield
    finally:
        nk.setNumberOfThreads(before)


def scores(measured: nk.centrality.Centrality) -> Numbers:
    """One number a node."""
    return np.array(measured.run().scores(), dtype=np.float64)


def one_thread_pool(workers: int) -> ThreadPoolExecutor:
    """Threads in each of which the library has one: work side by side, each with equal bits."""
    import networkit as nk

    return ThreadPoolExecutor(workers, initializer=nk.setNumberOfThreads, initargs=(1,))


def _added(
    origin: Indices, destination: Indices, weight: Numbers
) -> tuple[Indices, Indices, Numbers]:
    """One row a pair in the order of the pairs, its weights added up from the smallest on."""
    order = np.lexsort((weight, destination, origin))
    origin, destination, weight = origin[order], destination[order], weight[order]
    if not len(origin):
        return origin, destination, weight
    begins = np.flatnonzero(np.r_[True, (np.diff(origin) != 0) | (np.diff(destination) != 0)])
    return origin[begins], destination[begins], np.add.reduceat(weight, begins)


def _weighted(size: int, origin: Indices, destination: Indices, weight: Numbers) -> nk.Graph:
    import networkit as nk

    return nk.GraphFromCoo(
        (weight, (origin.astype(np.uint64), destination.astype(np.uint64))),
        n=size,
        weighted=True,
        directed=True,
    )
