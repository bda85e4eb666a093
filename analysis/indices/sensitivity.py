"""Which choice moves the ranks.

Belongs here: shares of variance by choice (Sobol), ranks without a node, what leaves really weigh.
Does not belong here: how far ranks move in all (`analysis.indices.uncertainty`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from analysis.indices.choices import Choices, Draws, dirichlet
from analysis.indices.normalise import descending
from analysis.indices.score import scored, to_table
from analysis.indices.tree import Indices, Numbers
from analysis.indices.whatif import without
from catalog.index import Index

CHOICE = pa.schema(
    [
        *(("choice", pa.string()), ("node", pa.string())),
        *((f"first_{n}", pa.float64()) for n in ("share", "low", "high")),
        ("first_holds_zero", pa.bool_()),
        *((f"total_{n}", pa.float64()) for n in ("share", "low", "high")),
        ("total_holds_zero", pa.bool_()),
    ]
)
WITHOUT = pa.schema(
    [
        *(("node", pa.string()), ("unit", pa.string()), ("score", pa.float64())),
        *(("rank", pa.int32()), ("rank_change", pa.int32())),
    ]
)
EFFECT = pa.schema(
    [
        *(("node", pa.string()), ("mean_rank_change", pa.float64())),
        *(("most_rank_change", pa.int32()), ("units", pa.int32())),
    ]
)
SHARE = pa.schema(
    [
        *(("node", pa.string()), ("level", pa.int32())),
        *(("weight", pa.float64()), ("variance_share", pa.float64())),
    ]
)
_SETS = 1024  # of weights, which a choice of weights is one of
_AT_ONCE = 1000  # draws


def sensitivity(
    index: Index, values: pa.Table, *, base: int = 512, resamples: int = 500, level: float = 0.9
) -> pa.Table:
    """`CHOICE`: one row for each choice that has alternatives, `weights` for each node (`node`)
    that has two parts or more.

    What is explained is the mean absolute shift of ranks from the declared ones. `first_share`: of
    its variance, what the choice explains alone; `total_share`: with all that it has a part in
    (Sobol 2001; estimated as in Saltelli et al. 2010, `scipy.stats.sobol_indices`, from `base` ×
    (choices + 2) draws; `base` is a power of two). Intervals of `level` are percentiles of a
    bootstrap: one that holds zero tells of no effect, and an estimate may be below zero. Null where
    nothing moves at all.
    """
    from scipy import stats  # half a second, which a build without an index does not need

    choices = Choices(scored(index, values))
    factors = _Factors(choices)
    if not factors.names or not choices.of.rankable.any():
        return CHOICE.empty_table()
    seen: list[tuple[Numbers, Numbers, Numbers]] = []

    def estimated(f_A: Numbers, f_B: Numbers, f_AB: Numbers) -> tuple[Numbers, Numbers]:
        if not seen:
            seen.append((f_A.copy(), f_B.copy(), f_AB.copy()))
        return _shares(f_A, f_B, f_AB)

    seed = index.uncertainty.seed
    stats.sobol_indices(
        func=factors.shift,
        n=base,
        # It cannot do with one choice alone: a second one has no effect.
        dists=[stats.uniform()] * max(len(factors.names), 2),
        method=estimated,
        rng=np.random.default_rng(seed),
    )
    ((f_a, f_b, f_ab),) = seen
    chosen = len(factors.names)

    def again(rows: Indices) -> Numbers:
        return np.vstack(_shares(f_a[:, rows], f_b[:, rows], f_ab[:chosen, :, rows]))

    found = again(np.arange(base))
    if np.ptp(f_a) > 0:
        told = stats.bootstrap(
            (np.arange(base),),
            again,
            vectorized=False,
            n_resamples=resamples,
            confidence_level=level,
            method="percentile",
            rng=np.random.default_rng(seed),
        ).confidence_interval
        low, high = told.low, told.high
    else:
        found = low = high = np.full(found.shape, np.nan)
    columns: dict[str, object] = {
        "choice": [choice for choice, _ in factors.names],
        "node": [node for _, node in factors.names],
    }
    for row, name in enumerate(("first", "total")):
        columns |= {
            f"{name}_share": found[row],
            f"{name}_low": low[row],
            f"{name}_high": high[row],
            f"{name}_holds_zero": (low[row] <= 0) & (high[row] >= 0),
        }
    return to_table(columns, CHOICE)


def _shares(f_a: Numbers, f_b: Numbers, f_ab: Numbers) -> tuple[Numbers, Numbers]:
    """First-order and total shares, outputs × choices (Saltelli et al. 2010, table 2, b and f)."""
    variance = np.var(np.concatenate([f_a, f_b], axis=-1), axis=-1)
    with np.errstate(all="ignore"):
        first = np.mean(f_b * (f_ab - f_a), axis=-1) / variance
        total = np.mean((f_a - f_ab) ** 2, axis=-1) / (2 * variance)
    return first.T, total.T


@dataclass(frozen=True)
class _Factors:
    """Choices as numbers between 0 and 1, and the shift of ranks that follows from them."""

    choices: Choices

    @cached_property
    def names(self) -> list[tuple[str, str | None]]:
        """Those with alternatives; weights with the node whose parts they weigh."""
        kinds = ("normalise", "aggregate", "treat", "impute")
        tree = self.choices.of.tree
        return [
            *((kind, None) for kind in kinds if len(getattr(self.choices, kind)) > 1),
            *(("weights", tree.codes[n]) for n, below in tree.children.items() if len(below) > 1),
        ]

    @cached_property
    def _sets(self) -> Numbers:
        of = self.choices.of
        return dirichlet(of, np.random.default_rng(of.tree.index.uncertainty.seed), _SETS)

    def shift(self, x: Numbers) -> Numbers:
        """Mean absolute shift of ranks, of each column of `x` (choices × draws)."""
        blocks = range(0, x.shape[1], _AT_ONCE)
        return np.concatenate([self._shift(x[:, b : b + _AT_ONCE]) for b in blocks])

    def _shift(self, x: Numbers) -> Numbers:
        of = self.choices.of
        some = np.ones(int(of.rankable.sum()), bool)
        ranks = descending(self.choices.scores(self._draws(x)), some)
        found: Numbers = np.abs(ranks - of.rank[of.rankable][:, None]).mean(axis=0)
        return found

    def _draws(self, x: Numbers) -> Draws:
        tree = self.choices.of.tree
        weights = np.repeat(tree.weights[:, None], x.shape[1], axis=1)
        chosen: dict[str, Indices] = {}
        for (kind, node), u in zip(self.names, x, strict=False):
            if node is None:
                chosen[kind] = _of(len(getattr(self.choices, kind)), u)
            else:
                below = tree.children[tree.codes.index(node)]
                weights[below] = self._sets[below][:, _of(_SETS, u)]
        only = np.zeros(x.shape[1], np.int64)
        kinds = {k: chosen.get(k, only) for k in ("normalise", "aggregate", "treat", "impute")}
        return Draws(**kinds, weights=weights)


def _of(options: int, u: Numbers) -> Indices:
    return np.minimum((u * options).astype(np.int64), options - 1)


class LeftOut(NamedTuple):
    """`WITHOUT`: one row per node and unit. `EFFECT`: one row per node."""

    units: pa.Table
    nodes: pa.Table


def leave_one_out(index: Index, values: pa.Table) -> LeftOut:
    """Scores and ranks of the index without each of its nodes, parts and leaves, but the last one.

    What `rank` says of `without(index, node)`, coverage included. `rank_change` is the new rank
    minus the old one, of units that have both; `mean_rank_change` is the mean of its absolute
    value.
    """
    of = scored(index, values)
    units = np.array(of.cells.units, object)
    rows: list[dict[str, object]] = []
    effects: list[dict[str, object]] = []
    for place, node in enumerate(of.tree.codes[1:], 1):
        if len(of.tree.leaves_below(place)) == len(of.tree.leaves):
            continue
        less = scored(without(index, node), values)
        change = less.rank - of.rank
        rows.append(
            {
                "node": [node] * len(units),
                "unit": units,
                "score": less.total,
                "rank": less.rank,
                "rank_change": change,
            }
        )
        both = np.abs(change[~np.isnan(change)])
        effects.append(
            {
                "node": node,
                "mean_rank_change": float(both.mean()) if len(both) else None,
                "most_rank_change": int(both.max()) if len(both) else None,
                "units": len(both),
            }
        )
    tables = [to_table(row, WITHOUT) for row in rows]
    return LeftOut(
        pa.concat_tables([WITHOUT.empty_table(), *tables]),
        pa.Table.from_pylist(effects, schema=EFFECT),
    )


def variance_shares(index: Index, values: pa.Table) -> pa.Table:
    """`SHARE`: one row a node: its declared weight in the index, and the share of the variance of
    the score that is its own: cov(contribution, score) / var(score), over units with a rank.

    The shares of all leaves sum to 1, and so do those of the parts of a node to its own. One below
    zero moves against the others. Null where there are no contributions or no differences.
    """
    of = scored(index, values)
    tree = of.tree
    total = of.total[of.rankable]
    # Who lacks a leaf gets nothing from it.
    given = np.nan_to_num(of.contributions[of.rankable])
    shares = np.full(len(tree.codes), np.nan)
    if len(total) and np.ptp(total) > 0 and not np.isnan(of.contributions[of.rankable, 0]).any():
        off = total - total.mean()
        shares = ((given - given.mean(axis=0)) * off[:, None]).sum(axis=0) / (off**2).sum()
    columns: dict[str, object] = {
        "node": tree.codes,
        "level": np.array(tree.levels),
        "weight": tree.effective,
        "variance_share": shares,
    }
    return to_table(columns, SHARE)
