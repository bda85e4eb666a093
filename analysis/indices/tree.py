"""A declared index as arrays, and a table of values as a matrix.

Belongs here: the order of nodes and units, on which nothing else may depend. Does not belong here:
what is computed from them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from catalog.index import Aggregator, Index, Part

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Tree:
    """Nodes from the index downwards, depth first, siblings by code: every parent stands before its
    parts. Leaves are numbered in that order as well."""

    index: Index

    @cached_property
    def _below(self) -> list[tuple[str, Part, str, int]]:
        return list(self.index.nodes())

    @cached_property
    def codes(self) -> list[str]:
        return [self.index.index, *(code for code, *_ in self._below)]

    @cached_property
    def parents(self) -> list[int]:
        """The place of each node's parent; -1 of the index."""
        place = {code: n for n, code in enumerate(self.codes)}
        return [-1, *(place[parent] for _, _, parent, _ in self._below)]

    @cached_property
    def levels(self) -> list[int]:
        """0 is the index, 1 its parts, and so on."""
        return [0, *(depth for *_, depth in self._below)]

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """By the place of each node that has any."""
        found: dict[int, list[int]] = {}
        for place, parent in enumerate(self.parents):
            found.setdefault(parent, []).append(place)
        del found[-1]
        return found

    @cached_property
    def leaves(self) -> list[int]:
        """The places of the leaves."""
        return [place for place in range(len(self.codes)) if place not in self.children]

    @cached_property
    def parts(self) -> list[Part]:
        """The declared leaves."""
        return [self._below[place - 1][1] for place in self.leaves]

    @cached_property
    def indicators(self) -> list[str]:
        """Of each leaf."""
        codes = [self.codes[place] for place in self.leaves]
        return [part.indicator or code for code, part in zip(codes, self.parts, strict=True)]

    @cached_property
    def signs(self) -> Numbers:
        """Of each leaf: 1 where more is better, -1 where less is."""
        return np.array([1.0 if p.better == "higher_is_better" else -1.0 for p in self.parts])

    @cached_property
    def goalposts(self) -> tuple[Numbers, Numbers]:
        """Worst and best of each leaf, on its scale; NaN where none are declared."""
        posts = [p.goalposts for p in self.parts]
        ends = np.array([(np.nan, np.nan) if p is None else (p.worst, p.best) for p in posts]).T
        worst, best = self.on_scales(ends)
        return worst, best

    def on_scales(self, x: Numbers) -> Numbers:
        """Rows × leaves, each on the scale that its goalposts declare."""
        scaled = x.copy()
        for leaf, part in enumerate(self.parts):
            if part.goalposts and part.goalposts.scale == "log":
                least = min(part.goalposts.worst, part.goalposts.best)
                scaled[:, leaf] = np.log(np.where(x[:, leaf] <= 0, least, x[:, leaf]))
        return scaled

    @cached_property
    def weights(self) -> Numbers:
        """Of each node, as a share of what its parent's parts have together."""
        said = np.array([1.0, *(part.weight for _, part, *_ in self._below)])
        shares = said.copy()
        for below in self.children.values():
            shares[below] = said[below] / said[below].sum()
        return shares

    @cached_property
    def effective(self) -> Numbers:
        """The weight of each node in the whole index."""
        whole = self.weights.copy()
        for place, parent in enumerate(self.parents[1:], 1):
            whole[place] *= whole[parent]
        return whole

    def aggregates(self, default: Aggregator | None = None) -> dict[int, Aggregator]:
        """How each node that has parts brings them together: as it says, or else as its parent.

        `default` stands for what the index says.
        """
        found: dict[int, Aggregator] = {}
        for place in self.children:
            said = self._below[place - 1][1].aggregate if place else default or self.index.aggregate
            found[place] = said or found[self.parents[place]]
        return found

    def leaves_below(self, place: int) -> list[int]:
        """Numbers of the leaves at or below a node."""
        below = {place}
        below.update(n for n in self._descendants(place))
        return [number for number, leaf in enumerate(self.leaves) if leaf in below]

    def _descendants(self, place: int) -> Iterator[int]:
        for child in self.children.get(place, []):
            yield child
            yield from self._descendants(child)


@dataclass(frozen=True)
class Cells:
    """Units in alphabetical order × leaves; NaN is missing."""

    units: list[str]
    raw: Numbers
    ratio: Numbers
    """The same, divided by what they are declared per (nothing is divided by zero), and on the
    scale that their goalposts declare."""


def cells(tree: Tree, values: pa.Table) -> Cells:
    """`values`: unit, indicator, value; a row that is not there is missing, and one that no leaf
    asks for is not looked at. Raises ValueError for two values of one cell and for infinite ones.
    """
    units = pc.unique(values["unit"].cast(pa.string())).sort()
    if units.null_count:
        raise ValueError("expected the name of a unit in each row of the values; found none in one")
    raw, below = of_leaves(tree, values, "value", units)
    divided = np.array([part.per is not None for part in tree.parts])
    below = np.where(divided, np.where(below == 0, np.nan, below), 1.0)
    return Cells(units.to_pylist(), raw, tree.on_scales(raw / below))


def of_leaves(tree: Tree, values: pa.Table, name: str, units: pa.Array) -> tuple[Numbers, Numbers]:
    """One column of the values as units × leaves: of the indicator of each, and of what it is
    divided by (NaN where it is not). Raises ValueError."""
    wanted = sorted({*tree.indicators, *(part.per for part in tree.parts if part.per)})
    matrix = spread(values, name, units, wanted)
    # The last column is nobody's.
    matrix = np.hstack([matrix, np.full((len(matrix), 1), np.nan)])
    place = {code: n for n, code in enumerate(wanted)}
    below = [place[part.per] if part.per else -1 for part in tree.parts]
    return matrix[:, [place[code] for code in tree.indicators]], matrix[:, below]


def spread(values: pa.Table, name: str, units: pa.Array, indicators: list[str]) -> Numbers:
    """One column of the values as a matrix of these units × indicators. Raises ValueError."""
    column = pc.index_in(values["indicator"].cast(pa.string()), pa.array(indicators, pa.string()))
    row = pc.index_in(values["unit"].cast(pa.string()), units)
    number = values[name].cast(pa.float64())
    asked = pc.and_(pc.and_(pc.is_valid(row), pc.is_valid(column)), pc.is_valid(number))
    row, column, number = (each.filter(asked).to_numpy() for each in (row, column, number))
    if np.isinf(number).any():
        unit, code = _cell(units, indicators, row, column, int(np.isinf(number).argmax()))
        raise ValueError(f"expected finite values; found an infinite one of {code} in {unit}")
    place = row.astype(np.int64) * len(indicators) + column
    order = np.argsort(place, kind="stable")
    twice = np.flatnonzero(np.diff(place[order]) == 0)
    if len(twice):
        unit, code = _cell(units, indicators, row, column, int(order[twice[0]]))
        raise ValueError(f"expected one value a unit and indicator; found two of {code} in {unit}")
    matrix = np.full(len(units) * len(indicators), np.nan)
    matrix[place] = number
    return matrix.reshape(len(units), len(indicators))


def _cell(
    units: pa.Array, indicators: list[str], row: Indices, column: Indices, at: int
) -> tuple[str, str]:
    return units[int(row[at])].as_py(), indicators[int(column[at])]
