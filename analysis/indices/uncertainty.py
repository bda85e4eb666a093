"""How far scores and ranks depend on choices that might have been others.

Belongs here: random choices, intervals, pairs, groups that cannot be told apart. Does not belong
here: which choice matters most (`analysis.indices.sensitivity`). The intervals speak of choices:
they are no sampling error, and nothing here says how well a value was measured.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from analysis.indices.choices import Choices, Draws, dirichlet
from analysis.indices.normalise import descending
from analysis.indices.score import scored, to_table
from analysis.indices.tree import Indices, Numbers
from catalog.index import Index

UNIT = pa.schema(
    [("unit", pa.string())]
    + [(f"rank_{n}", pa.int32()) for n in ("median", "p05", "p95")]
    + [(f"score_{n}", pa.float64()) for n in ("median", "p05", "p95")]
    + [("rank_group", pa.int32())]
)
PAIR = pa.schema(
    [("unit", pa.string()), ("other", pa.string()), ("probability", pa.float64())],
)
SURE = 0.95
_AT_ONCE = 4_000_000  # comparisons of pairs


class Uncertain(NamedTuple):
    """`UNIT`: one row per unit with a rank, by name. `PAIR`: near pairs, by rank."""

    units: pa.Table
    pairs: pa.Table


def uncertainty(index: Index, values: pa.Table, *, near: int = 10) -> Uncertain:
    """As many draws as declared: each takes a normaliser, a mean, a treatment and an imputation
    from the declared and the alternative ones, all equally likely, and weights around the declared
    ones.

    Percentiles of ranks are ranks that occur: at least that share of draws has it or a better one.
    Those of scores are of the draws with the declared normaliser: another has another scale.

    `probability`: the share of draws in which `unit`, which has the better declared rank, stands
    above `other`; equal ranks count half. Of pairs at most `near` ranks apart.

    `rank_group`: units in the order of their ranks (equal ones by name). The first leads group 1.
    Who follows is in it until the leader stands above one in at least 95 % of the draws: that one
    leads the next group. So a group holds whom its leader cannot be told from; its other members
    may well differ.
    """
    of = scored(index, values)
    choices = Choices(of)
    draws = drawn(choices)
    scores = choices.scores(draws)
    some = np.ones(len(scores), bool)
    ranks = descending(scores, some)
    own = draws.normalise == choices.normalise.index(index.normalise)
    declared = of.rank[of.rankable]
    order = np.argsort(declared, kind="stable")
    units = np.array(of.cells.units, object)[of.rankable]
    one, other = _near(declared[order], near)
    columns: dict[str, object] = {
        "unit": units,
        **_percentiles("rank", ranks, "inverted_cdf"),
        **_percentiles("score", scores[:, own], "linear"),
        "rank_group": _groups(ranks[order])[np.argsort(order, kind="stable")],
    }
    pairs: dict[str, object] = {
        "unit": units[order[one]],
        "other": units[order[other]],
        "probability": _above(ranks[order], one, other),
    }
    return Uncertain(to_table(columns, UNIT), to_table(pairs, PAIR))


def drawn(choices: Choices) -> Draws:
    """As many as declared, by the declared seed; nothing depends on the order of the input."""
    said = choices.of.tree.index.uncertainty
    chance = np.random.default_rng(said.seed)

    def any_of(options: Sized) -> Indices:
        return chance.integers(len(options), size=said.draws)

    return Draws(
        normalise=any_of(choices.normalise),
        aggregate=any_of(choices.aggregate),
        treat=any_of(choices.treat),
        impute=any_of(choices.impute),
        weights=dirichlet(choices.of, chance, said.draws),
    )


def _percentiles(name: str, x: Numbers, method: str) -> dict[str, Numbers]:
    if not x.size:
        return {f"{name}_{n}": np.full(len(x), np.nan) for n in ("median", "p05", "p95")}
    found = np.quantile(x, (0.5, 0.05, 0.95), axis=1, method=method)  # type: ignore[call-overload]
    return dict(zip((f"{name}_{n}" for n in ("median", "p05", "p95")), found, strict=True))


def _near(ranks: Numbers, near: int) -> tuple[Indices, Indices]:
    """Places of pairs in ascending ranks, at most so many ranks apart."""
    until = np.searchsorted(ranks, ranks + near, side="right")
    following = until - np.arange(len(ranks)) - 1
    one = np.repeat(np.arange(len(ranks)), following)
    begins = np.repeat(np.cumsum(following) - following, following)
    return one, one + 1 + np.arange(len(one)) - begins


def _above(ranks: Numbers, one: Indices, other: Indices) -> Numbers:
    found = np.empty(len(one))
    step = max(_AT_ONCE // max(ranks.shape[1], 1), 1)
    for begin in range(0, len(one), step):
        part = slice(begin, begin + step)
        x, y = ranks[one[part]], ranks[other[part]]
        found[part] = (x < y).mean(axis=1) + (x == y).mean(axis=1) / 2
    return found


def _groups(ranks: Numbers) -> Indices:
    """Of units from the best on; `ranks`: units × draws."""
    groups = np.ones(len(ranks), np.int64)
    leader, begin, step = 0, 1, 64
    while begin < len(ranks):
        next_ = np.arange(begin, min(begin + step, len(ranks)))
        told = np.flatnonzero(_above(ranks, np.full(len(next_), leader), next_) >= SURE)
        if len(told):
            leader = int(next_[told[0]])
            groups[leader:] += 1
        begin = (leader if len(told) else int(next_[-1])) + 1
    return groups
