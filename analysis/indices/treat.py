"""Outliers: who has them, and what is done (OECD/JRC 2008, step 3; as the COINr package does it).

Belongs here: skewness, kurtosis, drawing in, logarithms. Does not belong here: which leaves are
treated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.indices.tree import Flags, Indices, Numbers
from catalog.index import Treatment


@dataclass(frozen=True)
class Treated:
    """Units × leaves after the treatment, and for each leaf what was done."""

    values: Numbers
    points: Indices
    """How many were drawn in; of a leaf that was logged or left, none."""
    logged: Flags
    passes: Flags
    """Whether it has no outliers any more, or never had."""


def skewness(x: Numbers) -> Numbers:
    """Of each column, corrected for the size of the sample (type 2 of Joanes and Gill 1998, as in
    Excel, SAS and COINr); NaN below three values or without variance."""
    return _shape(x)[0]


def kurtosis(x: Numbers) -> Numbers:
    """Excess over the normal distribution, corrected likewise; NaN below four values."""
    return _shape(x)[1]


def treated(x: Numbers, by: Treatment, *, may_log: bool) -> Treated:
    """A column has outliers where both |skewness| and kurtosis reach their thresholds.

    Its highest value (lowest, where it is skewed that way) takes the value of the next, all ties at
    once, until one threshold is undercut or `max_points` are drawn in. If that is not enough, the
    column as it was before is put on a logarithmic scale: log(x − min + 0.01·(max − min)). Where it
    may not be, it stays as it was.
    """
    values = x.copy()
    high, low = np.zeros(x.shape[1], np.int64), np.zeros(x.shape[1], np.int64)
    open_ = np.flatnonzero(_fails(x, by))
    while len(open_ := open_[(high + low)[open_] < by.max_points]):
        column = values[:, open_]
        sign = np.where(skewness(column) >= 0, 1.0, -1.0)
        column = column * sign
        at_end = column == np.nanmax(column, axis=0)
        following = np.where(at_end | np.isnan(column), -np.inf, column).max(axis=0)
        values[:, open_] = np.where(at_end, following, column) * sign
        # Those drawn in before tie with the new end: they are counted again, not added.
        high[open_] = np.where(sign > 0, at_end.sum(axis=0), high[open_])
        low[open_] = np.where(sign < 0, at_end.sum(axis=0), low[open_])
        open_ = open_[_fails(values[:, open_], by)]
    points = high + low
    missed = _fails(values, by)
    values[:, missed], points[missed] = x[:, missed], 0
    logged = missed if may_log else np.zeros_like(missed)
    if logged.any():
        column = x[:, logged]
        least, most = np.nanmin(column, axis=0), np.nanmax(column, axis=0)
        values[:, logged] = np.log(column - least + 0.01 * (most - least))
    return Treated(values, points, logged, ~_fails(values, by))


def untreated(x: Numbers, by: Treatment) -> Treated:
    """What would be said of columns that nothing is done to."""
    none = np.zeros(x.shape[1], np.int64)
    return Treated(x, none, none.astype(bool), ~_fails(x, by))


def _fails(x: Numbers, by: Treatment) -> Flags:
    skew, excess = _shape(x)
    found: Flags = (np.abs(skew) >= by.skewness) & (excess >= by.kurtosis)
    return found


def _shape(x: Numbers) -> tuple[Numbers, Numbers]:
    """Skewness and kurtosis of each column."""
    there = ~np.isnan(x)
    n = there.sum(axis=0).astype(np.float64)
    with np.errstate(all="ignore"):
        off = np.where(there, x - np.where(there, x, 0).sum(axis=0) / n, 0.0)
        squares = off * off
        m2, m3, m4 = (p.sum(axis=0) / n for p in (squares, squares * off, squares * squares))
        skew = np.sqrt(n * (n - 1)) / (n - 2) * m3 / m2**1.5
        excess = ((n + 1) * (m4 / m2**2 - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return np.where(n < 3, np.nan, skew), np.where(n < 4, np.nan, excess)
