"""No secret leaves the house: what is about to be published, and every log, is searched for them.

Belongs here: where a secret may have got to. Does not belong here: its spellings (`core.secrets`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from core.errors import ReleaseRefused
from core.secrets import found_in_file, pattern, secrets


def refuse(places: Iterable[Path]) -> None:
    """Raise ReleaseRefused where a secret of the environment stands in a file, or in a table of a
    database, of these files and folders. Without secrets in the environment nothing is read.
    """
    if not secrets():
        return
    for place in places:
        for file in sorted(p for p in [place, *place.rglob("*")] if p.is_file()):
            try:
                name, where = found_in_file(file), str(file)
            except FileNotFoundError:  # logs are still written to
                continue
            if name is None and file.suffix == ".duckdb":
                name, where = next(_in_tables(file), (None, ""))
            if name is not None:
                raise ReleaseRefused(
                    f"the value of {name} stands in {where}. The current release stays. Ask the"
                    f" service for another key, delete what holds the old one, and report how it"
                    f" got there"
                )


def _in_tables(database: Path) -> Iterator[tuple[str, str]]:
    """(name of the secret, where): in the file itself, texts are compressed."""
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = connection.execute(
            """select table_name, string_agg('"' || column_name || '"', ', ')
            from duckdb_columns() inner join duckdb_tables() using (database_name, table_name)
            where data_type = 'VARCHAR' and not duckdb_tables.internal group by all order by 1"""
        ).fetchall()
        for table, columns in tables:
            for name, value in secrets().items():
                hit = connection.execute(
                    f'select 1 from "{table}"'
                    f" where regexp_matches(concat_ws(chr(10), {columns}), ?) limit 1",
                    [pattern(value)],
                ).fetchone()
                if hit:
                    yield name, f"{table} of {database}"
