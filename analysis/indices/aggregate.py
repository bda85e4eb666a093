"""Scores of parts become the score of what they are parts of.

Belongs here: means, pairwise majorities, going up the tree, and back down as contributions. Does
not belong here: where weights come from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from analysis.indices.normalise import TOP
from analysis.indices.tree import Numbers, Tree
from catalog.index import Aggregator

_AT_ONCE = 4_000_000  # cells of a block of the matrix of pairs: 32 MB


def upwards(
    tree: Tree, leaves: Numbers, weights: Numbers, how: Mapping[int, Aggregator]
) -> list[Numbers]:
    """The scores of all nodes, each units × draws (leaves: units × 1).

    `leaves`: units × leaves. `weights`: nodes × draws. NaN is missing: it is left out, and what is
    there shares its weight (as in COINr). A node of which nothing is there is missing itself.
    """
    scores: list[Numbers] = [np.empty(0)] * len(tree.codes)
    for number, place in enumerate(tree.leaves):
        scores[place] = leaves[:, number : number + 1]
    # Every parent stands before its parts.
    for place in reversed(tree.children):
        below = tree.children[place]
        x, w = [scores[n] for n in below], [weights[n] for n in below]
        if how[place] == "copeland":
            # Of one draw: a thousand would take minutes.
            scores[place] = copeland(np.hstack(x), np.array([each[0] for each in w]))[:, None]
        else:
            scores[place] = mean(x, w, how[place], tree.index.floor)
    return scores


def mean(x: Sequence[Numbers], w: Sequence[Numbers], how: Aggregator, floor: float) -> Numbers:
    """g⁻¹(Σ w·g(x) / Σ w) over what is there; g is the identity, the logarithm or the reciprocal.

    A geometric and a harmonic mean take nothing below `floor` (COINr refuses zero instead).
    Added up part by part: equal units have equal bits, whoever else is there.
    """
    total, mass = np.zeros((1, 1)), np.zeros((1, 1))
    for one, weight in zip(x, w, strict=True):
        there = ~np.isnan(one)
        if there.all():
            total, mass = total + weight * _g(one, how, floor), mass + weight
        else:
            total = total + weight * np.where(there, _g(one, how, floor), 0.0)
            mass = mass + weight * there
    with np.errstate(all="ignore"):
        found = total / np.where(mass > 0, mass, np.nan)
        if how == "geometric":
            return np.exp(found)
        return 1 / found if how == "harmonic" else found


def _g(x: Numbers, how: Aggregator, floor: float) -> Numbers:
    if how == "arithmetic":
        return x
    x = np.maximum(x, floor)
    return np.log(x) if how == "geometric" else 1 / x


def copeland(x: Numbers, w: Numbers) -> Numbers:
    """Pairs won minus pairs lost of each unit (COINr `a_copeland`; OECD/JRC 2008, step 6).

    A pair is won by the unit that is ahead in more of the weight. `x`: units × parts, `w`: parts.
    A part that one of the two lacks does not count between them: COINr counts it for the unit that
    stands later in the table. A unit without any part has no score.
    """
    wins = np.zeros(len(x))
    step = max(_AT_ONCE // max(len(x), 1), 1)
    for begin in range(0, len(x), step):
        ahead = np.zeros((len(x[begin : begin + step]), len(x)))
        for part, weight in zip(x.T, w, strict=True):
            one = part[begin : begin + step, None]
            ahead += weight * ((one > part).astype(float) - (one < part))
        # Weights in other sums may differ in their last digit.
        wins[begin : begin + step] = np.sign(np.round(ahead, 12)).sum(axis=1)
    return np.where(np.isnan(x).all(axis=1), np.nan, wins)


def shares_used(tree: Tree, scores: Numbers) -> Numbers:
    """Units × nodes: the weight of each among those of its siblings that are there; else 0."""
    used = np.where(np.isnan(scores), 0.0, tree.weights)
    for below in tree.children.values():
        mass = used[:, below].sum(axis=1, keepdims=True)
        used[:, below] /= np.where(mass > 0, mass, 1.0)
    return used


def contributions(
    tree: Tree, scores: Numbers, used: Numbers, how: Mapping[int, Aggregator], *, bounded: bool
) -> Numbers:
    """Units × nodes: what each adds to the score of the index; those of a node's parts sum to its
    own, and those of all leaves to the score.

    On a scale that ends at 100, a node loses 100 − M. A part with the share w and the score x bears
    w·(g(100) − g(x)) / (g(100) − g(M)) of that loss, where g is the mean's (`mean`), and adds its
    share of 100 minus its loss. For an arithmetic mean this is w·x. Far behind the others, under
    another mean, it can be below zero: the part costs more than its share of the whole.

    On a scale without that end it is w·x if all means are arithmetic. Otherwise, and wherever pairs
    are compared, nothing can be said: NaN.
    """
    kinds = set(how.values())
    whole = used.copy()
    for place, parent in enumerate(tree.parents[1:], 1):
        whole[:, place] *= whole[:, parent]
    if "copeland" in kinds or (not bounded and kinds != {"arithmetic"}):
        return np.full(scores.shape, np.nan)
    if kinds == {"arithmetic"}:
        return whole * scores
    loss = np.zeros(scores.shape)
    loss[:, 0] = TOP - scores[:, 0]
    for place, below in tree.children.items():
        kind, floor = how[place], tree.index.floor
        gap = np.abs(_g(np.array(TOP), kind, floor) - _g(scores[:, below], kind, floor))
        borne = np.where(used[:, below] > 0, used[:, below] * gap, 0.0)
        total = borne.sum(axis=1, keepdims=True)
        loss[:, below] = loss[:, [place]] * borne / np.where(total > 0, total, 1.0)
    return np.where(np.isnan(scores), np.nan, whole * TOP - loss)
