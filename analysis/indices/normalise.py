"""Values in many units on one scale.

Belongs here: normalisers, ranks. Does not belong here: outliers, weights.
"""

from __future__ import annotations

import numpy as np

from analysis.indices.tree import Flags, Numbers, Tree
from catalog.index import Index, Normaliser

TOP = 100.0
BOUNDED: frozenset[Normaliser] = frozenset(
    ("goalposts", "minmax", "percentile", "distance_to_best")
)
"""Their best score is 100. Z-scores have no end, and ranks end at the number of units."""
_SAME = 9  # decimals: scores that differ by less are equal


def normalised(tree: Tree, x: Numbers, how: Normaliser) -> Numbers:
    """Units × leaves, more is better; missing stays missing.

    Raises ValueError for `distance_to_best` of a leaf with values of zero or below.
    """
    if how == "distance_to_best" and (bad := (x <= 0).any(axis=0)).any():
        code = tree.codes[tree.leaves[int(bad.argmax())]]
        raise ValueError(
            f"expected values above zero of {code}, which `distance_to_best` makes ratios of; found"
            f" {np.nanmin(x[:, bad.argmax()])}. Choose another normaliser for the index"
        )
    return on_scale(x, how, tree.signs, tree.goalposts, tree.index)


def on_scale(
    x: Numbers, how: Normaliser, signs: Numbers, goalposts: tuple[Numbers, Numbers], by: Index
) -> Numbers:
    """Each column among its own values, `signs` and `goalposts` by column.

    * `goalposts`: the share of the way from worst to best, cut off at both ends: (x − worst) /
      (best − worst). No other value matters.
    * `minmax`: the same between the worst and the best value that occurs (COINr `n_minmax`).
    * `percentile`: (rank from the worst − 1) / (n − 1), ties sharing the worse (`n_prank`).
    * `rank`: rank from the worst, 1 to n, ties sharing the worse (`n_rank`).
    * `zscore`: (x − mean) / deviation of the sample (n − 1), then as declared (`n_zscore`).
    * `distance_to_best`: as a share of the best value (OECD/JRC 2008: distance to a reference, the
      leader); where less is better, the best value's share of it. This is COINr's `n_fracmax`, not
      its `n_dist2max`, which is `minmax` by another name.

    The first three are stretched from `lowest` to 100, the last to 100. A column in which all are
    equal tells nobody apart: it is missing under `minmax`, `percentile` and `zscore`.
    """
    with np.errstate(all="ignore"):
        if how == "goalposts":
            worst, best = goalposts
            way = (x - worst) / (best - worst)
            return _stretched(np.clip(way, 0, 1), by)
        x = x * signs
        if how == "minmax":
            least, most = _ends(x)
            return _stretched(_where_finite((x - least) / (most - least)), by)
        if how == "zscore":
            n = (~np.isnan(x)).sum(axis=0)
            off = x - np.nansum(x, axis=0) / n
            deviation = np.sqrt(np.nansum(off**2, axis=0) / (n - 1))
            least, most = _ends(x)
            deviation = np.where(most > least, deviation, np.nan)
            scaled: Numbers = off / deviation * by.zscore.sd + by.zscore.mean
            return scaled
        if how == "distance_to_best":
            best = _ends(x)[1]
            return np.where(signs > 0, x / best, best / x) * TOP
        ranks = ascending(x)
        if how == "rank":
            return ranks
        least, most = _ends(x)
        n = (~np.isnan(x)).sum(axis=0)
        share = np.where(most > least, (ranks - 1) / (n - 1), np.nan)
        return _stretched(share, by)


def ascending(x: Numbers) -> Numbers:
    """Competition ranks in each column from the smallest on; ties share the first, NaN has none."""
    order = np.argsort(x, axis=0, kind="stable")
    ordered = np.take_along_axis(x, order, axis=0)
    starts = np.ones(x.shape, bool)
    starts[1:] = ordered[1:] != ordered[:-1]
    first = np.where(starts, np.arange(1, len(x) + 1)[:, None], 0)
    ranks = np.empty(x.shape)
    np.put_along_axis(ranks, order, np.maximum.accumulate(first, axis=0).astype(float), axis=0)
    ranks[np.isnan(x)] = np.nan
    return ranks


def descending(scores: Numbers, among: Flags) -> Numbers:
    """Competition ranks in each column from the best score on, of the units that have one."""
    # Rounded, so that equal scores that were added up in another way share a rank.
    return ascending(np.where(among[:, None], -np.round(scores, _SAME), np.nan))


def _ends(x: Numbers) -> tuple[Numbers, Numbers]:
    there = ~np.isnan(x)
    least = np.where(there, x, np.inf).min(axis=0, initial=np.inf)
    return least, np.where(there, x, -np.inf).max(axis=0, initial=-np.inf)


def _stretched(share: Numbers, by: Index) -> Numbers:
    return by.lowest + share * (TOP - by.lowest)


def _where_finite(x: Numbers) -> Numbers:
    return np.where(np.isfinite(x), x, np.nan)
