"""`python benchmarks/compare_releases.py OLD NEW`: do two warehouses hold the same rows?

Every public table and view of OLD is compared with NEW by its logical hash, over the columns that
both have. What was renamed, retyped or dropped on purpose is declared below and in the changelog.
A retyped key is not compared; the columns that identify its row are. Exits 1 on any difference.

Belongs here: comparing. Does not belong here: building either file.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from core.sql import literal
from releases.builder import logical_hash

TABLES = {"bridge_tie_cell": "bridge_edge_cell"}
"""Old name of a table → its new one."""
COLUMNS = {
    "dim_content": {"way": "access_method", "reading": "parse_version"},
    "mart_theme_coverage": {"ties": "edges"},
    "fct_city_link": {"tie_key": "edge_key"},
    "fct_city_affiliation": {"tie_key": "edge_key"},
    "bridge_tie_cell": {"tie_key": "edge_key"},
}
"""Old table → old name of a column → its new one."""
RETYPED = {"observation_key", "edge_key", "label_id"}
"""New columns whose values are other ones on purpose: they are not compared."""
VALUES = {
    "reason": {
        "tie_without_end": "edge_without_end",
        "tie_to_itself": "self_loop",
        "no_tie": "no_edge",
    }
}
"""Old column → old value → the value that it has now."""
BUILD = {"build_id", "first_release", "valid_from_release", "valid_from", "parse_version"}
BUILD |= {"retrieved_at", "fetched_at"}
"""New columns that differ between two builds of one input."""
ADDED = {"fct_source_cell", "dim_release"}
ADDED |= {"fct_observation_history_current", "fct_observation_history_ended"}
"""Tables that only NEW has."""
ADDED_COLUMNS = {"lookup_hash"}
"""Columns that only NEW has."""
UNCOMPARED = {"fct_observation_history"}
"""Tables that tell of releases, not of this input."""


@dataclass(frozen=True)
class Line:
    """One row of the printed table."""

    table: str
    old: str
    new: str
    left_out: str

    @property
    def is_equal(self) -> bool:
        return self.old == self.new


def compare(old: Path, new: Path) -> list[Line]:
    """Compare all public relations of two files."""
    with duckdb.connect() as connection:
        for name, file in (("old", old), ("new", new)):
            connection.execute(f"attach {literal(file)} as {name} (read_only)")
        before, after = _relations(connection, "old"), _relations(connection, "new")
        lines = [
            _table(connection, table, columns, after)
            for table, columns in before.items()
            if table not in UNCOMPARED
        ]
        known = {TABLES.get(t, t) for t in before} | ADDED
        extra = sorted(set(after) - known)
    return lines + [Line(t, "absent", "present", "") for t in extra]


def _relations(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = ?"
        " and schema_name = 'main' and not internal order by table_name, column_index",
        [database],
    ).fetchall():
        found.setdefault(table, []).append(column)
    return found


def _table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: list[str],
    after: dict[str, list[str]],
) -> Line:
    renamed = COLUMNS.get(table, {})
    target = TABLES.get(table, table)
    if target not in after:
        return Line(table, "present", "absent", "")
    expected = [renamed.get(c, c) for c in columns]
    if missing := sorted((set(expected) ^ set(after[target])) - ADDED_COLUMNS):
        return Line(table, "columns", f"not in both: {', '.join(missing)}", "")
    left_out = [c for c in expected if c in RETYPED | BUILD]
    names = [(c, n) for c, n in zip(columns, expected, strict=True) if n not in left_out]
    old = ", ".join(f'{_value(c)} as "{n}"' for c, n in names)
    new = ", ".join(f'"{n}"' for _, n in names)
    connection.execute(f'create or replace temp view old_rows as select {old} from old."{table}"')
    connection.execute(f'create or replace temp view new_rows as select {new} from new."{target}"')
    return Line(
        table if table == target else f"{table} → {target}",
        logical_hash(connection, "old_rows"),
        logical_hash(connection, "new_rows"),
        ", ".join(left_out),
    )


def _value(column: str) -> str:
    cases = "".join(
        f" when {literal(old)} then {literal(new)}" for old, new in VALUES.get(column, {}).items()
    )
    return f'case "{column}"{cases} else "{column}" end' if cases else f'"{column}"'


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    chosen = parser.parse_args()
    lines = compare(chosen.old, chosen.new)
    width = max(len(line.table) for line in lines)
    for line in lines:
        verdict = "equal    " if line.is_equal else "DIFFERENT"
        rows = line.new.split("-")[0] if line.is_equal else f"{line.old} | {line.new}"
        note = f"  without {line.left_out}" if line.left_out else ""
        print(f"{line.table:{width}}  {verdict}  {rows}{note}")
    if not all(line.is_equal for line in lines):
        sys.exit("the files differ")


if __name__ == "__main__":
    main()
