"""DuckDB without a file, and how texts and names stand in a statement that cannot bind them.

Belongs here: quoting (views, attach, copy; values that can be bound are bound), and in-memory
databases of a process. Does not belong here: queries.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_databases: dict[tuple[int, bool], duckdb.DuckDBPyConnection] = {}
_lock = threading.Lock()
# Neither files, nor the network, nor extensions, nor Python's variables; and it stays so.
_SEALED = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}


@contextmanager
def in_memory(*, sealed: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to this process's database in memory; what it registers is its own.

    `sealed`: for SQL out of declarations, which sees nothing but what is registered. Opening a
    database takes as long as reading a small file, and hundreds are read in a run.
    """
    with _lock:
        # By process: a database does not survive a fork.
        key = (os.getpid(), sealed)
        if key not in _databases:
            _databases[key] = duckdb.connect(config=dict(_SEALED) if sealed else {})
        connection = _databases[key].cursor()
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
