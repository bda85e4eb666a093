"""The declared columns, found in a table: which of its columns each one names.

Belongs here: names and patterns of columns, and those that nobody declared. Does not belong here:
what the columns become (`conform`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

import pyarrow as pa

from core.errors import SchemaDrift
from sources.declarations import Source
from sources.tables import Column, Table


@dataclass(frozen=True)
class Bound:
    """A declared column found in the table: its name there, and what it says."""

    name: str
    column: Column
    time_period: str | None
    organisation: str | None
    ref_area: str | None


def additional_columns(table: Table, raw: pa.Table) -> list[str]:
    """Columns of the file that nothing in the declaration names."""
    return _match(table, [*raw.column_names[1:], *table.computed])[2]


@dataclass(frozen=True)
class Differences:
    """Of the columns of a file from the declared ones."""

    missing: tuple[str, ...]
    additional: tuple[str, ...]
    renamed: dict[str, str]
    """Missing column → an additional one with a similar name, which it may be now."""

    def __str__(self) -> str:
        parts = [f"no column {_listed(self.missing)}"] if self.missing else []
        parts += [f"undeclared column {_listed(self.additional[:8])}"] if self.additional else []
        parts += [f"{was!r} may now be {now!r}" for was, now in self.renamed.items()]
        return "; ".join(parts)


def differences(table: Table, names: list[str]) -> Differences:
    """Between the declaration and columns of these names, the computed ones among them."""
    _, absent, additional = _match(table, names)
    alike = {name: get_close_matches(name, additional, 1) for name in absent}
    renamed = {name: found[0] for name, found in alike.items() if found}
    return Differences(tuple(absent), tuple(additional), renamed)


def bind(source: Source, table: Table, raw: pa.Table) -> list[Bound]:
    """The declared columns; what `additional_columns` allows beside them is left aside.

    Raises SchemaDrift for an undeclared or a missing column.
    """
    bound, absent, additional = _match(table, raw.column_names[1:])
    if not absent and (not additional or table.additional_columns == "report"):
        return bound
    raise SchemaDrift(
        source.source_id,
        expected=f"the {len(table.columns)} declared columns and no other",
        found=str(differences(table, raw.column_names[1:])),
        todo="compare the file with the declaration's `columns`; the last good content is used",
    )


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


def _match(table: Table, names: list[str]) -> tuple[list[Bound], list[str], list[str]]:
    """Pop every declared column; beside those found: keys without a column, and what remains."""
    remaining, absent = list(names), []
    bound: list[Bound] = []
    for key, column in table.columns.items():
        said = (column.time_period, column.organisation, column.ref_area)
        if key.startswith("/") and key.endswith("/"):
            matches = [(n, m) for n in remaining if (m := re.fullmatch(key[1:-1], n))]
            found = [Bound(n, column, *(t and m.expand(t) for t in said)) for n, m in matches]
        else:
            found = [Bound(n, column, *said[:2], None) for n in remaining if n == key]
        if not found:
            absent.append(key)
        bound += found
        taken = {b.name for b in found}
        remaining = [n for n in remaining if n not in taken]
    return bound, absent, remaining
