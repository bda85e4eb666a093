"""Which pairs have more organisations in common than their sizes and those of the organisations
explain: the stochastic degree sequence model (Neal 2014).

Belongs here: the null model and its exact tails. Does not belong here: what is a tie, and how many
tests are made at once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from scipy.special import comb

from analysis.networks.each import by_network
from analysis.networks.graph import Indices, Numbers
from analysis.networks.pairs import affiliations, pairs

PAIR = pa.schema(
    [("origin", pa.string()), ("destination", pa.string()), ("shared", pa.int64())]
    + [(n, pa.float64()) for n in ("expected", "p_more", "p_fewer")]
)
MOST_PAIRS = 5_000_000
"""With more pairs, a network has no backbone: no row is made."""
_MOST_ROUNDS = 10_000
_CLOSE, _NEAR = 1e-12, 1e-3
# A table of so many probabilities at once: half a megabyte, which stays near the processor.
_AT_ONCE = 65_000
# Trials of one binomial distribution at most: the power of none of its chances is lost.
_TOGETHER = 64
# What is cut off a tail is smaller than this share of it.
_CUT = 1e-17


def backbone_all(presence: pa.Table) -> pa.Table:
    """`backbone` of each network × time_period of `presence`, with both before its columns.

    Pairs with an interlock below the network's `floor` (where there is such a column) are left out.
    """
    return by_network(presence, PAIR, lambda _of, here: backbone(here))


def backbone(presence: pa.Table, most_pairs: int = MOST_PAIRS) -> pa.Table:
    """`PAIR`: one row per pair of nodes with an organisation in common, origin < destination.

    `presence`: node, organisation; one row for each that a node has, whatever its weight. A node
    has an organisation with a probability that gives every node and every organisation its number,
    on average (`probabilities`). `p_more` is the chance of so many in common or more, `p_fewer` of
    so many or fewer, both exact. No row at all of more pairs than `most_pairs`.
    """
    of = affiliations(presence)
    floor = presence["floor"][0].as_py() if "floor" in presence.column_names else 0.0
    found = pairs(of, floor)
    if not 0 < len(found.one) <= most_pairs:
        return PAIR.empty_table()
    matrix = of.presence
    (of_row, n_columns), chance = _of_classes(matrix.sum(axis=1), matrix.sum(axis=0))
    # Chances depend on the numbers alone: pairs with the same ones, and as many in common, are one.
    one, other = of_row[found.one], of_row[found.other]
    asked = np.stack([np.minimum(one, other), np.maximum(one, other), found.shared], axis=1)
    each, place = np.unique(asked, axis=0, return_inverse=True)
    tails = _tails(chance, n_columns, each)[:, place.reshape(-1)]
    return pa.Table.from_pydict(
        {
            "origin": of.nodes.take(pa.array(found.one)),
            "destination": of.nodes.take(pa.array(found.other)),
            "shared": found.shared,
            **dict(zip(("expected", "p_more", "p_fewer"), tails, strict=True)),
        },
        schema=PAIR,
    )


def probabilities(matrix: np.ndarray) -> Numbers:
    """That a row has a column: of all ways in which the sums of both hold on average, the one that
    assumes least (the bipartite configuration model, Saracco et al. 2015).

    Rows and columns that are empty or full are certain, and leave less to the others. Where sums
    force further ones, no finite answer meets them: the limit is approached, to a thousandth of a
    sum. Raises ArithmeticError if it is missed by more.
    """
    rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
    _, chance = _of_classes(rows, columns)
    of_row, of_column = (np.unique(sums, return_inverse=True)[1] for sums in (rows, columns))
    found: Numbers = chance[np.ix_(of_row, of_column)]
    return found


def _of_classes(rows: Indices, columns: Indices) -> tuple[tuple[Indices, Indices], Numbers]:
    """The class of each row, the size of each class of columns; and the chance of both.

    Rows with equal sums are one class, as are columns: nothing tells them apart.
    """
    of_rows, class_of_row, n_rows = np.unique(rows, return_inverse=True, return_counts=True)
    of_columns, n_columns = np.unique(columns, return_counts=True)
    chance = np.zeros((len(of_rows), len(of_columns)))
    rows_open, columns_open = np.ones(len(of_rows), bool), np.ones(len(of_columns), bool)
    while True:
        width, height = n_columns[columns_open].sum(), n_rows[rows_open].sum()
        certain = rows_open & ((of_rows == 0) | (of_rows == width))
        if certain.any():
            full = certain & (of_rows > 0)
            chance[np.ix_(full, columns_open)] = 1.0
            of_columns = of_columns - n_rows[full].sum()
            rows_open &= ~certain
            continue
        certain = columns_open & ((of_columns == 0) | (of_columns == height))
        if not certain.any():
            break
        full = certain & (of_columns > 0)
        chance[np.ix_(rows_open, full)] = 1.0
        of_rows = of_rows - n_columns[full].sum()
        columns_open &= ~certain
    if rows_open.any() and columns_open.any():
        chance[np.ix_(rows_open, columns_open)] = _fitted(
            of_rows[rows_open], n_rows[rows_open], of_columns[columns_open], n_columns[columns_open]
        )
    return (class_of_row, n_columns), chance


def _fitted(rows: Indices, n_rows: Indices, columns: Indices, n_columns: Indices) -> Numbers:
    """x·y / (1 + x·y) with the sums of rows and columns as given; of each, there are so many."""
    total = np.sqrt((rows * n_rows).sum())
    x, y = rows / total, columns / total
    for _ in range(_MOST_ROUNDS):
        x = rows / (n_columns * y / (1 + np.outer(x, y))).sum(axis=1)
        y = columns / (n_rows[:, None] * x[:, None] / (1 + np.outer(x, y))).sum(axis=0)
        odds = np.outer(x, y)
        chance: Numbers = odds / (1 + odds)
        missed = np.abs((chance * n_columns).sum(axis=1) - rows).max()
        if missed < _CLOSE * rows.max():
            break
    if missed > _NEAR * rows.max():
        raise ArithmeticError(f"the sums of a network are still missed by {missed:.3g}")
    return chance


def _tails(chance: Numbers, n_columns: Indices, asked: Indices) -> Numbers:
    """Mean, P(≥ shared), P(≤ shared) of each row of `asked`: two classes, and shared.

    What two nodes have in common is a sum of independent trials (Poisson binomial): of as many
    binomial ones as there are classes of columns, put together one after the other.
    """
    both, first = np.unique(asked[:, :2], axis=0, return_index=True)
    ends = np.r_[first[1:], len(asked)]
    mean = (chance[both[:, 0]] * chance[both[:, 1]]) @ n_columns
    # The longest tails last, so that those of one table are alike.
    order = np.argsort(np.maximum(mean, asked[ends - 1, 2]), kind="stable")
    made = np.empty((3, len(asked)))
    begin, width = 0, 16
    while begin < len(order):
        part = order[begin : begin + max(_AT_ONCE // width, 1)]
        hit = chance[both[part, 0]] * chance[both[part, 1]]
        most = asked[ends[part] - 1, 2]
        spread = _spread(hit, n_columns, width)
        if not _holds(spread, most, int(n_columns.sum())):
            width = width * 5 // 4
            continue
        below = np.cumsum(spread, axis=0)
        above = np.cumsum(spread[::-1], axis=0)[::-1]
        counts = ends[part] - first[part]
        at = np.repeat(np.arange(len(part)), counts)
        rows = np.arange(counts.sum()) + np.repeat(first[part] - np.cumsum(counts) + counts, counts)
        shared = asked[rows, 2]
        made[0, rows] = mean[part][at]
        made[1, rows] = np.minimum(above[shared, at], 1.0)
        made[2, rows] = np.minimum(below[shared, at], 1.0)
        begin += len(part)
    return made


def _spread(hit: Numbers, n_columns: Indices, width: int) -> Numbers:
    """The chance of 0 … width, by row of chances; sums × rows."""
    spread = np.zeros((width + 1, len(hit)))
    spread[0] = 1.0
    top = 0
    for chance, columns in zip(hit.T, n_columns.tolist(), strict=True):
        for count in [_TOGETHER] * (columns // _TOGETHER) + [columns % _TOGETHER]:
            many = np.arange(count + 1)[:, None]
            weights = comb(count, many) * chance**many * (1 - chance) ** (count - many)
            before = spread[: top + 1].copy()
            top = min(top + count, width)
            spread[: top + 1] = 0.0
            for hits, weight in enumerate(weights[: width + 1]):
                part = before[: top + 1 - hits]
                spread[hits : hits + len(part)] += part * weight
    return spread


def _holds(spread: Numbers, most: Indices, columns: int) -> bool:
    """Whether what lies beyond the table is nothing beside the tails that are asked for.

    These chances fall ever faster beyond their peak: all that is left is less than the last one
    over one minus its ratio to the one before.
    """
    width = len(spread) - 1
    if width >= columns:
        return True
    if most.max() >= width:
        return False
    last, before = spread[-1], spread[-2]
    rest = np.divide(
        last * before, before - last, out=np.full(len(last), np.inf), where=last < before
    )
    rest[(last == 0) & (before == 0)] = 0.0
    return bool((rest <= _CUT * spread[most, np.arange(len(most))]).all())
