"""Dagster's event log in SQLite, with connections that stay open.

The storage that it replaces opens and closes a database several times per event, and the last one
who closes a database in WAL mode writes all of it back: half of a small run's time was spent so.
Tables and files are the same; Dagster's own storage reads what this one wrote. And a deleted run
leaves no file.

Belongs here: connections. Does not belong here: what is logged.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.event_api import EventHandlerFn
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
    SqliteEventLogStorageWatchdog,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

# A web server looks at many runs, each a file of its own.
_MOST_OPEN = 8
_BUSY_SECONDS = 60


class OpenSqliteEventLogStorage(SqliteEventLogStorage):
    """As its base, but that one connection per file is kept, under the base's lock."""

    _obs: Any

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData | None, config_value: dict[str, Any]
    ) -> "OpenSqliteEventLogStorage":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine, for_index_shard=shard == INDEX_SHARD_NAME)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            if len(self._engines) >= _MOST_OPEN:
                self._engines.popitem(last=False)[1].dispose()
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _be_quick)
            self._engines[shard] = engine
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        """As its base, but new events are seen where they are written first."""
        if not self._obs:
            self._obs = Observer()
            self._obs.start()
        watchdog = _Watchdog(self, run_id, callback, cursor)
        watched = self._obs.schedule(watchdog, self._base_dir, recursive=True)
        self._watchers[run_id][callback] = (watchdog, watched)

    def delete_events(self, run_id: str) -> None:
        """As its base, and the file with them: it would stay, as large as it was."""
        super().delete_events(run_id)
        with self._db_lock:
            if engine := self._engines.pop(run_id, None):
                engine.dispose()
            self._initialized_dbs.discard(run_id)
            for suffix in ("", "-wal", "-shm"):
                Path(self.path_for_shard(run_id) + suffix).unlink(missing_ok=True)

    def dispose(self) -> None:
        super().dispose()
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()


class _Watchdog(SqliteEventLogStorageWatchdog):
    """As its base, which waits for a change of the database file.

    While connections stay open, that file changes only when its log is folded into it.
    """

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._patterns = [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, _event: FileSystemEvent) -> None:
        self._process_log()


def _be_quick(connection: Any, _record: Any) -> None:
    # After a power cut the last events may be missing; with WAL the file is sound all the same.
    connection.execute("pragma synchronous = normal")
