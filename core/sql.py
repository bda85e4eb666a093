"""DuckDB without a file, and how texts and names stand in a statement that cannot bind them.

Belongs here: quoting (views, attach, copy; values that can be bound are bound), and one in-memory
database per process. Does not belong here: queries.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_databases: dict[int, duckdb.DuckDBPyConnection] = {}
_lock = threading.Lock()


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to this process's database in memory; what it registers is its own.

    Opening a database takes as long as reading a small file, and hundreds are read in a run.
    """
    with _lock:
        # By process: a database does not survive a fork.
        if os.getpid() not in _databases:
            _databases[os.getpid()] = duckdb.connect()
        connection = _databases[os.getpid()].cursor()
    try:
        yield connection
    finally:
        connection.close()


def literal(text: str | Path | None) -> str:
    """A string literal, or null."""
    return "null" if text is None else "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'
