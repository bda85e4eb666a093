"""Which pairs have more in common than lists would in which every node and every organisation has
just what it has, otherwise spread: the fixed degree sequence model, by drawing.

Belongs here: the drawing, by trades, and the shares of draws. Does not belong here: the model that
keeps numbers on average and needs no draws (`analysis.networks.backbone`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import sparse

from analysis.networks.graph import Numbers
from analysis.networks.pairs import Affiliations, Pairs

DRAWN = pa.schema([(n, pa.float64()) for n in ("expected", "p_more", "p_fewer")])
SEED, DRAWS, TRADES = 1, 1_000, 20
_CHAINS = 50
# A word of 64 bits has the number of a group before so many others.
_BITS, _ONE = np.uint64(32), np.uint64(1)
_REST = (_ONE << _BITS) - _ONE


def drawn(
    of: Affiliations,
    pairs: Pairs,
    *,
    values: bool,
    draws: int = DRAWS,
    trades: int = TRADES,
    seed: int = SEED,
) -> pa.Table:
    """`DRAWN`: one row a pair; the mean of the draws, and the shares of them (itself among them)
    in which the pair has as much or more, as much or less.

    Without `values`: organisations in common, of draws in which every node has as many
    organisations, and every organisation as many nodes. With: interlocks, of draws in which every
    node and every organisation also has as many of each service value.
    """
    start = (of.values if values else of.presence).toarray().astype(np.float64)
    seen = start @ start.T
    total = np.zeros_like(seen)
    # Whole tables: to pick the pairs out of every draw takes longer.
    more, fewer = (np.zeros(seen.shape, dtype=np.int32) for _ in range(2))
    for spread in _draws(start, draws, trades, np.random.default_rng(seed)):
        # Lists are sparse; and threads of a dense product of this size wait more than they work.
        table = sparse.csr_array(spread) @ spread.T
        total += table
        more += table >= seen
        fewer += table <= seen
    total, more, fewer = (each[pairs.one, pairs.other] for each in (total, more, fewer))
    shares = total / draws, (more + 1) / (draws + 1), (fewer + 1) / (draws + 1)
    return pa.Table.from_arrays([pa.array(each) for each in shares], schema=DRAWN)


def _draws(
    start: Numbers, draws: int, trades: int, chosen: np.random.Generator
) -> Iterator[Numbers]:
    """Of chains side by side, the state after so many trades of every row, again and again."""
    kinds, coded = np.unique(start, return_inverse=True)
    state = np.repeat(coded.reshape(1, *start.shape).astype(np.uint8), _CHAINS, axis=0)
    for begin in range(0, draws, _CHAINS):
        # Of an odd number of rows, one rests.
        for _ in range(trades + start.shape[0] % 2):
            _trade(state, len(kinds), chosen)
        yield from kinds[state[: draws - begin]]


def _trade(state: NDArray[np.uint8], kinds: int, chosen: np.random.Generator) -> None:
    """Every row with one other (curveball: Strona and others 2014).

    Two rows that have two values, each in one of some columns, share out anew who has which where:
    as often as before. So both keep their values, and the columns do.
    """
    chains, rows, columns = state.shape
    order = chosen.random((chains, rows)).argsort(axis=1)[:, : rows - rows % 2]
    chain = np.arange(chains)[:, None]
    first, second = order[:, ::2], order[:, 1::2]
    one, other = state[chain, first], state[chain, second]
    differ = np.flatnonzero(one != other)
    here, there = one.reshape(-1)[differ], other.reshape(-1)[differ]
    low, high = np.minimum(here, there), np.maximum(here, there)
    # Columns in which the same two rows have the same two values are one group. Sorted, its words
    # tell their places in order, and who has the higher value at random.
    group = ((differ // columns * kinds + low) * kinds + high).astype(np.uint64) << _BITS
    places = np.sort(group | np.arange(len(group), dtype=np.uint64)) & _REST
    random = chosen.integers(0, _REST >> _ONE, len(group), np.uint64) << _ONE
    is_high = np.empty(len(group), dtype=bool)
    is_high[places] = (np.sort(group | random | (here > there)) & _ONE).astype(bool)
    one.reshape(-1)[differ] = np.where(is_high, high, low)
    other.reshape(-1)[differ] = np.where(is_high, low, high)
    state[chain, first], state[chain, second] = one, other
