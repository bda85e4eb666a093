"""What a run may be configured with: how sources are obtained, and the one write slot.

Belongs here: configuration that a run may override. Does not belong here: work.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dagster import ConfigurableResource, InitResourceContext
from filelock import FileLock, Timeout

from core.paths import DataPaths
from sources.fetch import FetchContext
from sources.landing import read_index
from warehouse.project import Project


class FetchOptions(ConfigurableResource):
    """How sources are obtained in this run: live by default; from an archive; or offline."""

    offline: bool = False
    archive_index: str = ""
    archive_root: str = ""

    def context(self, project: Project) -> FetchContext:
        """Everything that obtaining needs beside a declaration."""
        archive = None
        if self.archive_index:
            index = Path(self.archive_index)
            archive = read_index(index, Path(self.archive_root or index.parent))
        return project.fetch_context(offline=self.offline, archive=archive)


def _bury(context: InitResourceContext, run_id: str | None) -> None:
    """A run that left its name but not its lock was killed: say so, or it seems to run for ever."""
    instance = context.instance
    run = instance.get_run_by_id(run_id) if instance and run_id else None
    if instance and run and not run.is_finished:
        instance.report_run_failed(run, "the process of this run was killed")


class WriteSlot(ConfigurableResource):
    """One build at a time per data home, across processes; a dead holder frees it."""

    data_home: str
    wait_seconds: int = 1800

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["WriteSlot"]:
        """Hold the slot for the whole run."""
        paths = DataPaths(Path(self.data_home))
        holder = paths.build / "holder.json"
        lock = FileLock(paths.build / ".lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            who = holder.read_text(encoding="utf-8") if holder.exists() else "another run"
            if context.log:
                context.log.info("waiting for %s", who)
            lock.acquire(timeout=self.wait_seconds)
        if holder.exists():
            _bury(context, json.loads(holder.read_text(encoding="utf-8"))["run"])
        try:
            since = datetime.now(UTC).isoformat(timespec="seconds")
            holder.write_text(json.dumps({"run": context.run_id, "since": since}))
            yield self
        finally:
            holder.unlink(missing_ok=True)
            lock.release()
