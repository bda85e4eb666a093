"""How far two networks of the same nodes agree, and how far sizes make them.

Belongs here: pairs of networks, and the chance of a tie where degrees are kept on average. Does not
belong here: networks that are tied through organisations (`analysis.networks.backbone`).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.networks.graph import Indices, Numbers

OVERLAP = pa.schema(
    [(n, pa.string()) for n in ("one", "other", "one_period", "other_period")]
    + [(n, pa.int64()) for n in ("n_cities", "n_ties_one", "n_ties_other", "n_both")]
    + [(n, pa.float64()) for n in ("degree_correlation", "expected_both", "spread")]
)
_MOST_ROUNDS = 20_000
_CLOSE, _NEAR = 1e-10, 1e-3


def overlaps(ties: pa.Table) -> pa.Table:
    """`OVERLAP`: one row per pair of networks with two nodes and more in common.

    `ties`: network, time_period (one a network), one, other (integers), once a pair.
    """
    names = sorted(pc.unique(ties["network"]).to_pylist())
    parts = {name: ties.filter(pc.equal(ties["network"], name)) for name in names}
    rows = []
    for one, other in combinations(names, 2):
        periods = {
            "one_period": parts[one]["time_period"][0].as_py(),
            "other_period": parts[other]["time_period"][0].as_py(),
        }
        found = overlap(*(np.stack([p["one"], p["other"]]) for p in (parts[one], parts[other])))
        if found:
            rows.append({"one": one, "other": other, **periods, **found})
    return pa.Table.from_pylist(rows, schema=OVERLAP)


def overlap(one: Indices, other: Indices) -> dict[str, float | None]:
    """What two lists of ties (two rows of nodes) have in common; empty without common nodes."""
    common = np.intersect1d(one, other)
    size = len(common)
    if size < 2:
        return {}
    from scipy.stats import rankdata

    degrees = [np.bincount(_places(ends, common), minlength=size) for ends in (one, other)]
    ranks = [rankdata(degree) for degree in degrees]
    alike = any(len(np.unique(degree)) == 1 for degree in degrees)
    # Among common nodes only, a tie as one number.
    inside = [ends[:, np.isin(ends, common).all(axis=0)] for ends in (one, other)]
    placed = [np.sort(np.searchsorted(common, ends), axis=0) for ends in inside]
    codes = [ends[0] * size + ends[1] for ends in placed]
    expected, spread = _by_chance(*(np.bincount(e.ravel(), minlength=size) for e in placed))
    return {
        "n_cities": size,
        "n_ties_one": len(codes[0]),
        "n_ties_other": len(codes[1]),
        "n_both": len(np.intersect1d(*codes)),
        "degree_correlation": None if alike else float(np.corrcoef(*ranks)[0, 1]),
        "expected_both": expected,
        "spread": spread,
    }


def _places(ends: Indices, common: Indices) -> Indices:
    flat = ends.ravel()
    found: Indices = np.searchsorted(common, flat[np.isin(flat, common)])
    return found


def _by_chance(one: Indices, other: Indices) -> tuple[float, float]:
    """Mean and standard deviation of the ties of both, of nodes with these degrees."""
    classes, counts = np.unique(np.stack([one, other]), axis=1, return_counts=True)
    both = np.ones((len(counts), len(counts)))
    for degrees, which in zip((one, other), classes, strict=True):
        each, chance = tie_chance(degrees)
        place = np.searchsorted(each, which)
        both *= chance[np.ix_(place, place)]
    pairs = np.triu(np.outer(counts, counts), 1) + np.diag(counts * (counts - 1) / 2)
    return float((pairs * both).sum()), float(np.sqrt((pairs * both * (1 - both)).sum()))


def tie_chance(degrees: Indices) -> tuple[Indices, Numbers]:
    """The degrees that there are, and the chance that nodes of two of them are tied: every node has
    its degree on average, and nothing else is assumed (Park and Newman 2004).

    Nodes that are tied to all or to none are certain, and leave less to the others. Raises
    ArithmeticError if a degree is missed by more than a thousandth of the largest.
    """
    each, counts = np.unique(degrees, return_counts=True)
    chance, left, free = np.zeros((len(each), len(each))), each.copy(), np.ones(len(each), bool)
    while free.any():
        certain = free & ((left == 0) | (left == counts[free].sum() - 1))
        if not certain.any():
            break
        full = certain & (left > 0)
        chance[np.ix_(full, free)] = 1.0
        chance[np.ix_(free, full)] = 1.0
        free &= ~certain
        left = left - counts[full].sum()
    if free.any():
        chance[np.ix_(free, free)] = _fitted(left[free], counts[free])
    return each, chance


def _fitted(degrees: Indices, counts: Indices) -> Numbers:
    """x·x' / (1 + x·x') with the degrees as given."""
    x = degrees / np.sqrt((degrees * counts).sum())
    for _ in range(_MOST_ROUNDS):
        odds = np.outer(x, x)
        chance: Numbers = odds / (1 + odds)
        # A node is not tied to itself.
        missed = np.abs(chance @ counts - chance.diagonal() - degrees).max()
        if missed < _CLOSE * degrees.max():
            break
        share = x / (1 + odds)
        # Half the step, of logarithms: whole ones swing to and fro.
        x = np.sqrt(x * degrees / (share @ counts - share.diagonal()))
    if missed > _NEAR * degrees.max():
        raise ArithmeticError(f"the degrees of a network are still missed by {missed:.3g}")
    return chance
