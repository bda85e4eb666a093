"""Scores and ranks of one index.

Belongs here: the chain from values to scores as declared, and who has a rank. Does not belong here:
other choices than the declared ones (`analysis.indices.uncertainty`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from analysis.indices.aggregate import contributions, shares_used, upwards
from analysis.indices.normalise import BOUNDED, descending, normalised
from analysis.indices.treat import Treated, kurtosis, skewness, treated, untreated
from analysis.indices.tree import Cells, Flags, Numbers, Tree, cells
from catalog.index import Index, Normaliser, Treatment

SCORE = pa.schema(
    [("unit", pa.string()), ("node", pa.string()), ("parent", pa.string()), ("level", pa.int32())]
    + [(n, pa.float64()) for n in ("value", "denominated", "treated", "score")]
    + [(n, pa.float64()) for n in ("weight", "weight_used", "contribution", "coverage")]
)
RANK = pa.schema(
    [
        *(("unit", pa.string()), ("score", pa.float64()), ("rank", pa.int32())),
        *(("coverage", pa.float64()), ("rankable", pa.bool_()), ("reason", pa.string())),
    ]
)
TREATMENT = pa.schema(
    [("node", pa.string()), ("treatment", pa.string()), ("points", pa.int64())]
    + [
        (f"{n}_{when}", pa.float64())
        for when in ("before", "after")
        for n in ("skewness", "kurtosis")
    ]
    + [("passes", pa.bool_())]
)
_LEAST = 1e-9  # shares are sums


def score(index: Index, values: pa.Table) -> pa.Table:
    """`SCORE`: one row per unit × node of the index, units and nodes in their own order.

    `values`: unit, indicator, value. A leaf has its value as it came, divided by what it is `per`,
    after the treatment of outliers, and as a score; other nodes have a score. `weight` is the
    declared share among siblings, `weight_used` that among those that are there. `contribution`
    adds up to the score of the index (`aggregate.contributions`). `coverage` is the share of weight
    at and below the node that has a value.

    All units are each other's measure, those without a rank as well.
    """
    return scored(index, values).table()


def rank(index: Index, values: pa.Table) -> pa.Table:
    """`RANK`: one row a unit, by name. Equal scores share a rank, and the next one is left out.

    Who has less than the declared coverage in the index or in a part has no rank, and a `reason`.
    """
    return scored(index, values).ranks()


def treatment(index: Index, values: pa.Table) -> pa.Table:
    """`TREATMENT`: one row a leaf, in the order of the tree: what was done to its outliers."""
    return scored(index, values).treatment()


def scored(index: Index, values: pa.Table) -> Scored:
    """The whole chain as declared. Raises ValueError for values that cannot be used."""
    tree = Tree(index)
    return Scored(tree, cells(tree, values))


@dataclass(frozen=True)
class Scored:
    """An index, its values, and what follows from them; matrices are units × leaves or nodes."""

    tree: Tree
    cells: Cells

    @cached_property
    def treated(self) -> Treated:
        by = self.tree.index.treat
        return treat(self.cells.ratio, by, self.tree.index.normalise)

    @cached_property
    def leaves(self) -> Numbers:
        return normalised(self.tree, self.treated.values, self.tree.index.normalise)

    @cached_property
    def scores(self) -> Numbers:
        tree = self.tree
        return np.hstack(upwards(tree, self.leaves, tree.weights[:, None], tree.aggregates()))

    @cached_property
    def total(self) -> Numbers:
        """The score of the index."""
        return self.scores[:, 0]

    @cached_property
    def used(self) -> Numbers:
        return shares_used(self.tree, self.scores)

    @cached_property
    def contributions(self) -> Numbers:
        bounded = self.tree.index.normalise in BOUNDED
        how = self.tree.aggregates()
        return contributions(self.tree, self.scores, self.used, how, bounded=bounded)

    @cached_property
    def coverage(self) -> Numbers:
        tree, there = self.tree, ~np.isnan(self.cells.ratio)
        found = np.zeros((len(there), len(tree.codes)))
        found[:, tree.leaves] = there
        for place in reversed(tree.children):
            below = tree.children[place]
            found[:, place] = (found[:, below] * tree.weights[below]).sum(axis=1)
        return found

    @cached_property
    def short(self) -> Flags:
        """Where a node with parts has less coverage than declared."""
        least = self.tree.index.coverage
        found = np.zeros(self.coverage.shape, bool)
        for place in self.tree.children:
            needed = least.part if place else least.index
            found[:, place] = self.coverage[:, place] < needed - _LEAST
        return found

    @cached_property
    def rankable(self) -> Flags:
        found: Flags = ~self.short.any(axis=1) & ~np.isnan(self.total)
        return found

    @cached_property
    def rank(self) -> Numbers:
        """NaN is none."""
        return descending(self.total[:, None], self.rankable)[:, 0]

    def table(self) -> pa.Table:
        tree, units = self.tree, len(self.cells.units)
        parents = [tree.codes[p] if p >= 0 else None for p in tree.parents]
        columns = {
            "unit": np.repeat(np.array(self.cells.units, object), len(tree.codes)),
            "node": tree.codes * units,
            "parent": parents * units,
            "level": np.tile(np.array(tree.levels, np.int32), units),
            "value": self._of_leaves(self.cells.raw),
            "denominated": self._of_leaves(self.cells.ratio),
            "treated": self._of_leaves(self.treated.values),
            "score": self.scores.ravel(),
            "weight": np.tile(tree.weights, units),
            "weight_used": self.used.ravel(),
            "contribution": self.contributions.ravel(),
            "coverage": self.coverage.ravel(),
        }
        return to_table(columns, SCORE)

    def ranks(self) -> pa.Table:
        columns = {
            "unit": self.cells.units,
            "score": self.total,
            "rank": self.rank,
            "coverage": self.coverage[:, 0],
            "rankable": self.rankable,
            "reason": [self._reason(n) for n in range(len(self.cells.units))],
        }
        return to_table(columns, RANK)

    def treatment(self) -> pa.Table:
        done, x = self.treated, self.cells.ratio
        said = np.where(done.logged, "log", np.where(done.points > 0, "winsorised", "none"))
        columns = {
            "node": [self.tree.codes[place] for place in self.tree.leaves],
            "treatment": said.tolist(),
            "points": done.points,
            "skewness_before": skewness(x),
            "kurtosis_before": kurtosis(x),
            "skewness_after": skewness(done.values),
            "kurtosis_after": kurtosis(done.values),
            "passes": done.passes,
        }
        return to_table(columns, TREATMENT)

    def _of_leaves(self, matrix: Numbers) -> Numbers:
        whole = np.full(self.scores.shape, np.nan)
        whole[:, self.tree.leaves] = matrix
        return whole.ravel()

    def _reason(self, unit: int) -> str | None:
        if self.rankable[unit]:
            return None
        least, codes = self.tree.index.coverage, self.tree.codes
        # Cut off: what is below the threshold must not look like it.
        percent = ((self.coverage[unit] + _LEAST) * 100).astype(int)
        said = [
            f"{percent[place]}% of {codes[place]} has values,"
            f" below {least.part if place else least.index:.0%}"
            for place in np.flatnonzero(self.short[unit])
        ]
        return "; ".join(said) or "no score: there is nobody to compare it with"


def treat(x: Numbers, by: Treatment | None, normaliser: Normaliser) -> Treated:
    """As declared. Goalposts are in the unit of the value: no logarithm is taken under them."""
    if by is None:
        return untreated(x, Treatment())
    return treated(x, by, may_log=normaliser != "goalposts")


def to_table(columns: dict[str, object], schema: pa.Schema) -> pa.Table:
    """Columns as a table; NaN is null, and numbers become what the schema says."""
    arrays = [
        (
            pa.array(column, from_pandas=True).cast(schema.field(name).type)
            if isinstance(column, np.ndarray)
            else pa.array(column, schema.field(name).type)
        )
        for name, column in columns.items()
    ]
    return pa.Table.from_arrays(arrays, schema=schema)
