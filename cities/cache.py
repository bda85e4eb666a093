"""What earlier runs made, kept in a folder: the prepared gazetteer and whole answers.

A file is named by a hash of everything that it depends on: the rows of its inputs, the rules and
the code that makes it. So a changed place, rule or step is never answered from an old file. Files
are written under another name first and then renamed; of each kind the newest stays.

Belongs here: keys, files, and their safety. Does not belong here: what is kept (`pipeline.py`
says which steps know no labels).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from cities import rulebook
from cities.inputs import Inputs, register_gazetteer
from cities.pipeline import GAZETTEER_STEPS, SCRATCH, Pipeline
from cities.sql import literal
from core.files import keep_newest

_ROOM = Path(__file__).parent
# What turns texts into names beside our own code.
_LIBRARIES = ("duckdb", "pyarrow", "pycountry", "pypinyin")


class Cache:
    """What is kept in a folder for these inputs."""

    def __init__(self, folder: Path, inputs: Inputs) -> None:
        self._inputs = inputs
        of_gazetteer = _hashes(inputs.gazetteer_tables())
        of_labels = _hashes(inputs.label_tables())
        self._gazetteer = folder / f"gazetteer-{_key(of_gazetteer)}.duckdb"
        self._answer = folder / f"answer-{_key(of_gazetteer + of_labels)}.parquet"

    def answer(self) -> pa.Table | None:
        """The kept answer to exactly these inputs, or None."""
        # A file that cannot be read is none.
        with suppress(OSError, pa.ArrowException):
            return pq.read_table(self._answer)
        return None

    def keep(self, answer: pa.Table) -> None:
        """Keep an answer, and no other any longer."""
        keep_newest(self._answer, lambda path: pq.write_table(answer, path))

    def prepare_gazetteer(self, steps: Pipeline) -> None:
        """Give the steps that know no labels their tables: kept ones, or made and then kept."""
        if not self._adopt_gazetteer(steps):
            register_gazetteer(steps.connection, self._inputs)
            steps.run(GAZETTEER_STEPS[-1].table)
            keep_newest(self._gazetteer, lambda path: _copy_gazetteer(steps.connection, path))

    def _adopt_gazetteer(self, steps: Pipeline) -> bool:
        if not self._gazetteer.exists():
            return False
        try:
            steps.connection.execute(f"attach {literal(self._gazetteer)} as kept (read_only)")
        except duckdb.Error:  # A file that cannot be read is none.
            return False
        steps.connection.register("code_in", self._inputs.gazetteer_tables()["code_in"])
        for step in GAZETTEER_STEPS:
            if step.table in SCRATCH:
                steps.skip(step)
            else:
                steps.adopt(step, f"kept.{step.table}")
        return True


def _copy_gazetteer(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    connection.execute(f"attach {literal(path)} as kept")
    for step in GAZETTEER_STEPS:
        if step.table not in SCRATCH:
            connection.execute(f"create table kept.{step.table} as from {step.table}")
    connection.execute("detach kept")


def content_hash(table: pa.Table) -> str:
    """A hash of a table's rows and columns, whatever the order of its rows.

    The order is left out because inputs come from queries that promise none. Rows are hashed one by
    one and summed, twice with different salts: 128 bits, in one pass, without sorting.
    """
    with duckdb.connect() as connection:
        connection.register("content", table)
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        row = connection.execute(
            f"select count(*), sum(hash({columns})), sum(hash(1, {columns})) from content"
        ).fetchone()
    described = [(f.name, str(f.type)) for f in table.schema]
    return hashlib.sha256(repr((described, row)).encode()).hexdigest()


def code_hash() -> str:
    """A hash of the code and rules of this room, and of the libraries that read texts."""
    digest = hashlib.sha256()
    files = [*_ROOM.glob("*.py"), *(_ROOM / "macros").glob("*.sql")]
    files += [*(_ROOM / "steps").rglob("*.sql"), *rulebook.FOLDER.glob("*.csv")]
    for path in sorted(files):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update(repr([version(name) for name in _LIBRARIES]).encode())
    return digest.hexdigest()


def _hashes(tables: Mapping[str, pa.Table]) -> list[tuple[str, str]]:
    return [(name, content_hash(table)) for name, table in sorted(tables.items())]


def _key(hashes: list[tuple[str, str]]) -> str:
    return hashlib.sha256(repr((hashes, code_hash())).encode()).hexdigest()[:32]
