"""Which pairs have more organisations in common than their sizes and those of the organisations
explain: the stochastic degree sequence model (Neal 2014).

Belongs here: the null model and its exact tails. Does not belong here: what is a tie, and how many
tests are made at once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.each import by_network
from analysis.networks.graph import Indices, Numbers

PAIR = pa.schema(
    [("origin", pa.string()), ("destination", pa.string()), ("shared", pa.int64())]
    + [(n, pa.float64()) for n in ("expected", "p_more", "p_fewer")]
)
_MOST_ROUNDS = 10_000
_CLOSE, _NEAR = 1e-12, 1e-3
# A table of so many probabilities at once: 40 MB, of which there are a few.
_AT_ONCE = 5_000_000


def backbone_all(presence: pa.Table) -> pa.Table:
    """`backbone` of each network × time_period of `presence`, with both before its columns."""
    return by_network(presence, PAIR, lambda _of, here: backbone(here))


def backbone(presence: pa.Table) -> pa.Table:
    """`PAIR`: one row per pair of nodes with an organisation in common, origin < destination.

    `presence`: node, organisation; one row for each that a node has, whatever its weight. A node
    has an organisation with a probability that gives every node and every organisation its number,
    on average (`probabilities`). `p_more` is the chance of so many in common or more, `p_fewer` of
    so many or fewer, both exact.
    """
    nodes = pc.unique(presence["node"]).sort()
    organisations = pc.unique(presence["organisation"]).sort()
    matrix = np.zeros((len(nodes), len(organisations)), dtype=bool)
    matrix[
        pc.index_in(presence["node"], nodes).to_numpy(),
        pc.index_in(presence["organisation"], organisations).to_numpy(),
    ] = True
    counts = matrix.astype(np.int64) @ matrix.T.astype(np.int64)
    one, other = np.nonzero(np.triu(counts, 1))
    shared: Indices = counts[one, other]
    chance = probabilities(matrix)
    tails = [np.empty(0), np.empty(0), np.empty(0)]
    step = max(_AT_ONCE // (len(organisations) + 1), 1)
    for begin in range(0, len(one), step):
        part = slice(begin, begin + step)
        found = _tails(chance[one[part]] * chance[other[part]], shared[part])
        tails = [np.concatenate(both) for both in zip(tails, found, strict=True)]
    return pa.Table.from_pydict(
        {
            "origin": nodes.take(pa.array(one)),
            "destination": nodes.take(pa.array(other)),
            "shared": shared,
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
    chance = np.zeros(matrix.shape)
    rows, columns = np.ones(matrix.shape[0], bool), np.ones(matrix.shape[1], bool)
    left = matrix
    while True:
        full = left.sum(axis=1) == columns.sum(), left.sum(axis=0) == rows.sum()
        empty = left.sum(axis=1) == 0, left.sum(axis=0) == 0
        certain = rows & (full[0] | empty[0]), columns & (full[1] | empty[1])
        if not (certain[0].any() or certain[1].any()):
            break
        if certain[0].any():
            chance[np.ix_(certain[0] & full[0], columns)] = 1.0
            rows &= ~certain[0]
        else:
            chance[np.ix_(rows, certain[1] & full[1])] = 1.0
            columns &= ~certain[1]
        left = matrix & rows[:, None] & columns[None, :]
    if rows.any() and columns.any():
        chance[np.ix_(rows, columns)] = _fitted(
            left[np.ix_(rows, columns)].sum(axis=1), left[np.ix_(rows, columns)].sum(axis=0)
        )
    return chance


def _fitted(of_rows: Indices, of_columns: Indices) -> Numbers:
    """x·y / (1 + x·y) with row and column sums as given; equal sums share one unknown."""
    (rows, which_row, n_rows), (columns, which_column, n_columns) = (
        np.unique(sums, return_inverse=True, return_counts=True) for sums in (of_rows, of_columns)
    )
    x = rows / np.sqrt(of_rows.sum())
    y = columns / np.sqrt(of_rows.sum())
    for _ in range(_MOST_ROUNDS):
        x = rows / (n_columns * y / (1 + np.outer(x, y))).sum(axis=1)
        y = columns / (n_rows[:, None] * x[:, None] / (1 + np.outer(x, y))).sum(axis=0)
        odds = np.outer(x, y)
        chance = odds / (1 + odds)
        missed = np.abs((chance * n_columns).sum(axis=1) - rows).max()
        if missed < _CLOSE * rows.max():
            break
    if missed > _NEAR * rows.max():
        raise ArithmeticError(f"the sums of a network are still missed by {missed:.3g}")
    found: Numbers = chance[np.ix_(which_row, which_column)]
    return found


def _tails(chance: Numbers, shared: Indices) -> tuple[Numbers, Numbers, Numbers]:
    """Of sums of independent trials, a row of chances each: mean, P(≥ shared), P(≤ shared)."""
    # The distribution of the sum, trial by trial (Poisson binomial).
    spread = np.zeros((len(chance), chance.shape[1] + 1))
    spread[:, 0] = 1.0
    for trial in range(chance.shape[1]):
        hit = chance[:, trial : trial + 1]
        spread[:, 1 : trial + 2] = (
            spread[:, 1 : trial + 2] * (1 - hit) + spread[:, : trial + 1] * hit
        )
        spread[:, 0] *= 1 - hit[:, 0]
    place = np.arange(spread.shape[1])
    more = (spread * (place >= shared[:, None])).sum(axis=1)
    fewer = (spread * (place <= shared[:, None])).sum(axis=1)
    return chance.sum(axis=1), np.minimum(more, 1.0), np.minimum(fewer, 1.0)
