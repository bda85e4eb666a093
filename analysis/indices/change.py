"""Why a score and a rank are not what they were.

Belongs here: the split of a change of score over its causes, and who passed whom. Does not belong
here: which two editions are compared. Both are scored as the index is declared now: a change of the
declaration is no cause here.
"""

from __future__ import annotations

from math import factorial
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analysis.indices.aggregate import upwards
from analysis.indices.normalise import on_scale
from analysis.indices.score import Scored, scored, to_table, treat
from analysis.indices.tree import Flags, Indices, Numbers, Tree, cells, of_leaves
from catalog.index import Index

CAUSES = ("own_value", "others", "revision", "boundary", "coverage")
UNIT = pa.schema(
    [
        ("unit", pa.string()),
        *((n, pa.float64()) for n in ("score_before", "score_after", "change", *CAUSES)),
        *((n, pa.int32()) for n in ("rank_before", "rank_after", "rank_change")),
        *((n, pa.int32()) for n in ("overtaken", "overtook", "joined", "left")),
    ]
)
PASS = pa.schema(
    [
        *(("passed", pa.string()), ("passed_by", pa.string())),
        *(("cause", pa.string()), ("cause_in", pa.string()), ("points", pa.float64())),
    ]
)
_OTHERS = CAUSES.index("others")
_NONE = -1  # the leaf is what it was
_AT_ONCE = 4_000_000  # cells of a block of columns: 32 MB


class Change(NamedTuple):
    """`UNIT`: one row per unit of either edition, by name. `PASS`: one row per pair."""

    units: pa.Table
    passes: pa.Table


def change(index: Index, before: pa.Table, after: pa.Table) -> Change:
    """What made the score of each unit change, and who got above whom.

    Both tables: unit, indicator, value, year, spatial_unit. A leaf that is not what it was has one
    cause, the first that holds: `coverage` (it has a value on one side only), `boundary` (the value
    is of another spatial unit), `own_value` (of another year), `revision` (of the same year and
    unit). Where it is divided, year and unit of either will do. `others`: the values of other units
    moved the scale on which its own ones stand; there is none of it under goalposts without
    treatment.

    The points are Shapley values: what a cause adds, on average over all orders in which the five
    could have come one after the other. They sum to the change. A unit without a score on one side
    has none.

    A unit's rank changes by those who got above it (`overtaken`) and are not above it any more
    (`overtook`), and by those above it who had no rank (`joined`) or have none now (`left`):
    rank_change = overtaken − overtook + joined − left. `PASS` says of each that was overtaken by
    whom, and the largest of the ten points that brought the pair there: whose (`cause_in`), and
    through which cause.

    Raises ValueError for an index that compares pairs: its scores have no such parts.
    """
    one, two = scored(index, before), scored(index, after)
    how = one.tree.aggregates()
    if "copeland" in how.values():
        raise ValueError(f"expected means in all of {index.index}; found `aggregate: copeland`")
    units = sorted({*one.cells.units, *two.cells.units})
    both = sorted({*one.cells.units} & {*two.cells.units})
    points = np.full((len(units), len(CAUSES)), np.nan)
    points[_places(units, both)] = _shapley(
        one.tree, _cause(one.tree, both, before, after), _leaf_scores(one, two, both)
    )
    scores = [_of_all(units, each.cells.units, each.total) for each in (one, two)]
    ranks = [_of_all(units, each.cells.units, each.rank) for each in (one, two)]
    counts, passed, by = _moves(ranks[0], ranks[1])
    columns: dict[str, object] = {
        "unit": units,
        "score_before": scores[0],
        "score_after": scores[1],
        "change": scores[1] - scores[0],
        **dict(zip(CAUSES, points.T, strict=True)),
        "rank_before": ranks[0],
        "rank_after": ranks[1],
        "rank_change": ranks[1] - ranks[0],
        **counts,
    }
    return Change(to_table(columns, UNIT), _passes(units, passed, by, points))


def _cause(tree: Tree, units: list[str], before: pa.Table, after: pa.Table) -> Indices:
    """Units × leaves: the place of the cause among `CAUSES`, or `_NONE`."""
    names = pa.array(units, pa.string())
    labels = [table["spatial_unit"].cast(pa.string()) for table in (before, after)]
    known = pc.unique(pa.chunked_array([c for label in labels for c in label.chunks], pa.string()))
    # Boundaries as numbers, so that they are spread as values are.
    sides = [
        table.append_column("_boundary", pc.index_in(label, known))
        for table, label in zip((before, after), labels, strict=True)
    ]

    def moved(name: str) -> Flags:
        old, new = (of_leaves(tree, table, name, names) for table in sides)
        return _differ(old[0], new[0]) | _differ(old[1], new[1])

    old, new = (
        each.ratio[_places(each.units, units)] for each in (cells(tree, t) for t in (before, after))
    )
    found = np.where(moved("year"), CAUSES.index("own_value"), CAUSES.index("revision"))
    found = np.where(moved("_boundary"), CAUSES.index("boundary"), found)
    found = np.where(np.isnan(old) != np.isnan(new), CAUSES.index("coverage"), found)
    return np.where(_differ(old, new), found, _NONE)


def _leaf_scores(one: Scored, two: Scored, units: list[str]) -> Numbers:
    """Own value before or after × values of others before or after × units × leaves."""
    rows = [_places(each.cells.units, units) for each in (one, two)]
    own = [each.cells.ratio[row] for each, row in zip((one, two), rows, strict=True)]
    made = np.empty((2, 2, *own[0].shape))
    for others, (of, row) in enumerate(zip((one, two), rows, strict=True)):
        made[:, others] = of.leaves[row]
        moved = _differ(own[0], own[1])
        made[1 - others, others][moved] = _among(of, row, own[1 - others], moved)
    return made


def _among(of: Scored, row: Indices, own: Numbers, wanted: Flags) -> Numbers:
    """Scores of the wanted cells of `own`, each put in the place that it has among the others."""
    index, tree, x = of.tree.index, of.tree, of.cells.ratio
    unit, leaf = np.nonzero(wanted)
    found = np.empty(len(unit))
    # Under goalposts alone, who else is there does not matter.
    alone = index.normalise == "goalposts" and index.treat is None
    step = max(_AT_ONCE // max(len(x), 1), 1)
    for begin in range(0, len(unit), step):
        part = slice(begin, begin + step)
        at, column = row[unit[part]], leaf[part]
        if alone:
            at, among = np.zeros_like(at), np.empty((1, len(at)))
        else:
            among = x[:, column]
        one = np.arange(len(at))
        among[at, one] = own[unit[part], column]
        if index.treat is not None:
            among = treat(among, index.treat, index.normalise).values
        worst, best = tree.goalposts
        posts = worst[column], best[column]
        found[part] = on_scale(among, index.normalise, tree.signs[column], posts, index)[at, one]
    return found


def _shapley(tree: Tree, cause: Indices, leaves: Numbers) -> Numbers:
    """Units × causes: points of the score of the index."""
    count, how = len(CAUSES), tree.aggregates()
    totals = np.empty((2**count, len(cause)))
    for subset in range(2**count):
        # A leaf without a cause is the same on both sides.
        own = (subset >> np.maximum(cause, 0)) & 1
        others = (subset >> _OTHERS) & 1
        chosen = np.where(own == 1, leaves[1, others], leaves[0, others])
        totals[subset] = upwards(tree, chosen, tree.weights[:, None], how)[0][:, 0]
    points = np.zeros((len(cause), count))
    for subset in range(2**count):
        size = subset.bit_count()
        for each in range(count):
            if not (subset >> each) & 1:
                chance = factorial(size) * factorial(count - size - 1) / factorial(count)
                points[:, each] += chance * (totals[subset | (1 << each)] - totals[subset])
    return points


def _moves(before: Numbers, after: Numbers) -> tuple[dict[str, Numbers], Indices, Indices]:
    """How many got above each unit that has a rank on both sides, and how; and the pairs of who was
    overtaken by whom."""
    names = ("overtaken", "overtook", "joined", "left")
    counts = {name: np.full(len(before), np.nan) for name in names}
    new, gone = np.isnan(before), np.isnan(after)
    ranked = np.flatnonzero(~new & ~gone)
    pairs = [np.empty((2, 0), np.int64)]
    step = max(_AT_ONCE // max(len(before), 1), 1)
    for begin in range(0, len(ranked), step):
        units = ranked[begin : begin + step]
        was, is_ = before < before[units, None], after < after[units, None]
        overtaken = is_ & ~was & ~new
        moves = (overtaken, was & ~is_ & ~gone, is_ & new, was & gone)
        for name, found in zip(names, moves, strict=True):
            counts[name][units] = found.sum(axis=1)
        one, by = np.nonzero(overtaken)
        pairs.append(np.stack([units[one], by]))
    passed, by = np.hstack(pairs)
    return counts, passed, by


def _passes(units: list[str], passed: Indices, by: Indices, points: Numbers) -> pa.Table:
    names, causes = np.array(units, object), np.array(CAUSES, object)
    # What raised the one, and what lowered the other.
    pushed = np.hstack([points[by], -points[passed]])
    most = pushed.argmax(axis=1)
    columns: dict[str, object] = {
        "passed": names[passed],
        "passed_by": names[by],
        "cause": causes[most % len(CAUSES)],
        "cause_in": np.where(most < len(CAUSES), names[by], names[passed]),
        "points": pushed[np.arange(len(most)), most],
    }
    return to_table(columns, PASS)


def _differ(one: Numbers, other: Numbers) -> Flags:
    found: Flags = (one != other) & ~(np.isnan(one) & np.isnan(other))
    return found


def _places(units: list[str], some: list[str]) -> Indices:
    place = {unit: n for n, unit in enumerate(units)}
    return np.array([place[unit] for unit in some], np.int64)


def _of_all(units: list[str], some: list[str], x: Numbers) -> Numbers:
    whole = np.full(len(units), np.nan)
    whole[_places(units, some)] = x
    return whole
