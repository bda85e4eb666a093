"""An index scored under many other choices at once.

Belongs here: what else might have been chosen, and the scores that follow. Does not belong here:
which choices are made (`analysis.indices.uncertainty`, `analysis.indices.sensitivity`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.indices.aggregate import upwards
from analysis.indices.normalise import normalised
from analysis.indices.peers import lenders
from analysis.indices.score import Scored, treat
from analysis.indices.tree import Indices, Numbers
from catalog.index import Imputation, Mean, Normaliser, Treatment


@dataclass(frozen=True)
class Draws:
    """One choice of each kind for each draw, by its place among the options, and all weights."""

    normalise: Indices
    aggregate: Indices
    treat: Indices
    impute: Indices
    weights: Numbers
    """Nodes × draws."""


@dataclass(frozen=True)
class Choices:
    """The declared choice and its alternatives, of an index with values."""

    of: Scored

    @cached_property
    def normalise(self) -> list[Normaliser]:
        index = self.of.tree.index
        return sorted({index.normalise, *index.uncertainty.normalise})

    @cached_property
    def aggregate(self) -> list[Mean]:
        """Of what has no mean of its own. Pairs are never compared a thousand times: a mean stands
        for them, the arithmetic one if no other is named."""
        index = self.of.tree.index
        named = set(index.uncertainty.aggregate)
        if index.aggregate != "copeland":
            named.add(index.aggregate)
        return sorted(named or {"arithmetic"})

    @cached_property
    def treat(self) -> list[bool]:
        index = self.of.tree.index
        return sorted({index.treat is not None, *index.uncertainty.treat})

    @cached_property
    def impute(self) -> list[Imputation]:
        """What is missing is left out of a declared score."""
        return sorted({"left_out", *self.of.tree.index.uncertainty.impute})

    def scores(self, draws: Draws) -> Numbers:
        """Units that have a rank, in their order, × draws."""
        of, tree = self.of, self.of.tree
        made = np.empty((int(of.rankable.sum()), len(draws.normalise)))
        kinds = np.stack([draws.normalise, draws.treat, draws.impute, draws.aggregate])
        alike, which = np.unique(kinds, axis=1, return_inverse=True)
        for number, (normaliser, treated, imputed, mean) in enumerate(alike.T):
            here = np.flatnonzero(which == number)
            leaves = self._leaves[int(normaliser), int(treated), int(imputed)]
            drawn = self.aggregate[mean]
            how = tree.aggregates(drawn)
            how = {place: drawn if kind == "copeland" else kind for place, kind in how.items()}
            made[:, here] = upwards(tree, leaves, draws.weights[:, here], how)[0]
        return made

    @cached_property
    def _leaves(self) -> dict[tuple[int, int, int], Numbers]:
        """Leaf scores of the units that have a rank, by normaliser, treatment and imputation."""
        of, found = self.of, {}
        by = of.tree.index.treat or Treatment()
        for n, normaliser in enumerate(self.normalise):
            for t, wanted in enumerate(self.treat):
                x = treat(of.cells.ratio, by if wanted else None, normaliser).values
                leaves = normalised(of.tree, x, normaliser)
                for i, imputation in enumerate(self.impute):
                    found[n, t, i] = self._imputed(leaves, imputation)[of.rankable]
        return found

    def _imputed(self, leaves: Numbers, how: Imputation) -> Numbers:
        """`median` of all that have the leaf, or the mean of the nearest `peers` that have it."""
        if how == "left_out":
            return leaves
        filled = leaves.copy()
        for leaf, x in enumerate(leaves.T):
            if how == "peers":
                lacking, from_ = self._lenders[leaf]
                filled[lacking, leaf] = x[from_].mean(axis=1)
            elif not np.isnan(x).all():
                filled[np.isnan(x), leaf] = np.nanmedian(x)
        return filled

    @cached_property
    def _lenders(self) -> list[tuple[Indices, Indices]]:
        # Who is near is asked once, of the declared scores.
        return lenders(self.of)


def dirichlet(of: Scored, chance: np.random.Generator, draws: int) -> Numbers:
    """Nodes × draws: shares of each parent's parts around the declared ones."""
    tree, concentration = of.tree, of.tree.index.uncertainty.concentration
    weights = np.ones((len(tree.codes), draws))
    for below in tree.children.values():
        if len(below) > 1:
            weights[below] = chance.dirichlet(concentration * tree.weights[below], draws).T
    return weights
