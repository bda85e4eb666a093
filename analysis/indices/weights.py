"""Weights that data would give, to stand beside the declared ones.

Belongs here: equal, PCA and entropy weights. Does not belong here: which ones are used.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa

from analysis.indices.score import scored
from analysis.indices.tree import Numbers
from catalog.index import Index

Weighting = Literal["declared", "equal", "pca", "entropy"]


def weights(index: Index, values: pa.Table, how: Weighting) -> dict[str, float]:
    """Of each node below the index, as a share among its siblings.

    Both kinds that follow from data look at the scores of siblings as the declared index has them.
    `pca`: squared loadings of the first principal component of their correlations (OECD/JRC 2008,
    step 6, without rotation), over units that have all of them. COINr gives the loadings
    themselves, which can be negative. `entropy`: how unevenly each is spread over the units that
    have it, 1 − Σ p·ln(1/p) / ln n with p its share of the sum (Hwang and Yoon 1981). One in which
    all are equal has no weight. Raises ValueError for fewer than three units that have all, and
    for the entropy of scores below zero.
    """
    found = scored(index, values)
    tree = found.tree
    shares = tree.weights.copy()
    for place, below in tree.children.items():
        x = found.scores[:, below]
        if how == "equal" or (how != "declared" and len(below) == 1):
            shares[below] = 1 / len(below)
        elif how == "pca":
            shares[below] = _pca(x, tree.codes[place])
        elif how == "entropy":
            shares[below] = _entropy(x, tree.codes[place])
    return dict(zip(tree.codes[1:], shares[1:].tolist(), strict=True))


def _pca(x: Numbers, code: str) -> Numbers:
    x = x[~np.isnan(x).any(axis=1)]
    if len(x) < 3:
        raise ValueError(f"expected three units with all parts of {code}; found {len(x)}")
    off = x - x.mean(axis=0)
    deviation = off.std(axis=0)
    standard = off / np.where(deviation > 0, deviation, 1.0)
    loadings: Numbers = np.linalg.eigh(standard.T @ standard)[1][:, -1]
    squared = np.square(loadings)
    return np.asarray(squared / squared.sum())


def _entropy(x: Numbers, code: str) -> Numbers:
    if (x < 0).any():
        raise ValueError(f"expected scores of zero and above in {code}; found {np.nanmin(x)}")
    n = (~np.isnan(x)).sum(axis=0)
    if (n < 3).any():
        raise ValueError(f"expected three units with each part of {code}; found {n.min()}")
    total = np.nansum(x, axis=0)
    p = x / np.where(total > 0, total, 1.0)
    spread = -np.nansum(p * np.log(np.where(p > 0, p, 1.0)), axis=0) / np.log(n)
    uneven = np.where(total > 0, np.maximum(1 - spread, 0.0), 0.0)
    return uneven / uneven.sum() if uneven.sum() > 0 else np.full(len(n), 1 / len(n))
