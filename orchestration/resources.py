"""What a run may be configured with: how sources are obtained, and the one write slot.

Belongs here: configuration that a run may override. Does not belong here: work.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import ConfigurableResource, InitResourceContext

from core.paths import DataPaths
from sources.fetch import FetchContext
from sources.landing import read_index
from warehouse import write_slot
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


class WriteSlot(ConfigurableResource):
    """One build at a time per data home, across processes; a dead holder frees it."""

    data_home: str
    wait_seconds: float = write_slot.PATIENCE

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["WriteSlot"]:
        """Hold the slot for the whole run."""
        paths = DataPaths(Path(self.data_home))
        with write_slot.held(
            paths, context.run_id or "a run", self._say(context), self.wait_seconds
        ):
            yield self

    def _say(self, context: InitResourceContext) -> Callable[[str], None]:
        return lambda who: context.log.info("waiting for %s", who) if context.log else None
