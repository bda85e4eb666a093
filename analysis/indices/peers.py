"""Which units are alike, by all their scores and not by their sum.

Belongs here: distances between profiles, the nearest ones, and values lent from them. Does not
belong here: ranks.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from analysis.indices.score import Scored, scored, to_table
from analysis.indices.tree import Indices, Numbers
from catalog.index import Index

PEER = pa.schema(
    [
        *(("unit", pa.string()), ("place", pa.int32()), ("peer", pa.string())),
        *(("distance", pa.float64()), ("shared", pa.float64())),
    ]
)
LENDERS = 5
"""How many of the nearest units lend a value to one that lacks it."""
_AT_ONCE = 4_000_000  # cells of a block of distances: 32 MB


def peers(index: Index, values: pa.Table, *, k: int = 5, least: float = 0.5) -> pa.Table:
    """`PEER`: the `k` nearest of each unit, by unit and place, the nearest first.

    The distance is the root of the mean squared difference of scores over the leaves that both
    have, by their declared weight in the index: points of the scale. `shared` is the weight of
    those leaves; pairs that share less than `least` are not compared. Of equally near ones, the
    first by name.
    """
    found = scored(index, values)
    units = np.array(found.cells.units, object)
    rows: dict[str, list[np.ndarray]] = {name: [] for name in PEER.names}
    for begin, distance, shared in _blocks(found):
        distance = np.where(shared < least, np.nan, distance)
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :k]
        far = np.take_along_axis(distance, nearest, axis=1)
        one, place = np.nonzero(~np.isnan(far))
        other = nearest[one, place]
        rows["unit"].append(units[begin + one])
        rows["place"].append(place + 1)
        rows["peer"].append(units[other])
        rows["distance"].append(far[one, place])
        rows["shared"].append(shared[one, other])
    columns: dict[str, object] = {n: np.concatenate(r) if r else [] for n, r in rows.items()}
    return to_table(columns, PEER)


def lenders(of: Scored) -> list[tuple[Indices, Indices]]:
    """For each leaf: the units that lack it, and a row of `LENDERS` for each: the nearest units
    that have it. Who finds fewer goes without."""
    there = ~np.isnan(of.leaves)
    needed: list[list[Indices]] = [[] for _ in there.T]
    lent: list[list[Indices]] = [[] for _ in there.T]
    for begin, distance, _ in _blocks(of):
        order = np.argsort(distance, axis=1, kind="stable")
        known = ~np.isnan(np.take_along_axis(distance, order, axis=1))
        for leaf in range(there.shape[1]):
            lacking = np.flatnonzero(~there[begin : begin + len(order), leaf])
            able = there[order[lacking], leaf] & known[lacking]
            first = np.argsort(~able, axis=1, kind="stable")[:, :LENDERS]
            enough = np.flatnonzero(np.take_along_axis(able, first, axis=1).all(axis=1))
            if first.shape[1] == LENDERS:
                needed[leaf].append(begin + lacking[enough])
                lent[leaf].append(np.take_along_axis(order[lacking], first, axis=1)[enough])
    none = np.empty(0, np.int64), np.empty((0, LENDERS), np.int64)
    return [
        (np.concatenate([none[0], *n]), np.concatenate([none[1], *of_them]))
        for n, of_them in zip(needed, lent, strict=True)
    ]


def _blocks(of: Scored) -> Iterator[tuple[int, Numbers, Numbers]]:
    """First unit of a block, and distance and shared weight of its units to all."""
    weights = of.tree.effective[of.tree.leaves]
    there = (~np.isnan(of.leaves)).astype(np.float64)
    x = np.where(there > 0, of.leaves, 0.0)
    step = max(_AT_ONCE // max(len(x), 1), 1)
    for begin in range(0, len(x), step):
        block = slice(begin, begin + step)
        squares, shared = np.zeros((2, len(x[block]), len(x)))
        for leaf, weight in enumerate(weights):
            both = weight * there[block, leaf, None] * there[:, leaf]
            shared += both
            squares += both * (x[block, leaf, None] - x[:, leaf]) ** 2
        with np.errstate(all="ignore"):
            distance = np.sqrt(squares / np.where(shared > 0, shared, np.nan))
        own = np.arange(len(distance))
        distance[own, begin + own] = np.nan
        yield begin, distance, shared
