"""One object with everything that a program was started with; made at the entry, and passed on.

Belongs here: putting settings, declarations, paths, client and events together. Does not belong
here: work.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.load import Declared
from core.events import Events
from core.paths import DataPaths
from core.settings import Settings
from releases.store import ReleaseStore
from sources.catalog import Catalog, read
from sources.fetch import FetchContext
from sources.http import HttpClient, HttpSettings, user_agent
from sources.landing import ArchiveEntry
from sources.rate_limit import rates
from warehouse import refusals
from warehouse.manifest import code_version


@dataclass(frozen=True)
class Project:
    """Settings, and what follows from them."""

    settings: Settings
    paths: DataPaths
    events: Events

    @staticmethod
    def open(settings: Settings | None = None) -> Project:
        """The project as the environment, or `settings`, describe it; makes its data home."""
        settings = settings or Settings.from_environment()
        return Project(settings, DataPaths(settings.data).create(), Events(settings.alert_webhook))

    @cached_property
    def catalog(self) -> Catalog:
        """Every declaration; the last good one where a file is broken. Raises DeclarationError."""
        return read(self.settings.publishers, lambda: self._last_good)

    @cached_property
    def _last_good(self) -> Declared:
        """The declarations that the current release was built with."""
        try:
            release = self.releases.current()
        except (OSError, ValueError):  # damaged: `wcn doctor` says so, and a build ends by it
            return {}
        # A release of an earlier version has kept none.
        found: Declared = release["build"].get("declared", {}) if release else {}
        return found

    @cached_property
    def client(self) -> HttpClient:
        """One per project: rates, and what it has learnt of unreachable hosts, are shared."""
        agent = user_agent(self.settings.contact)
        return HttpClient(settings=HttpSettings(user_agent=agent, rates=rates(self.settings.hosts)))

    @cached_property
    def code_version(self) -> str:
        """Hash of the code and declarations that this project was opened with."""
        return code_version(self.catalog.declared)

    @property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.paths.releases)

    def fetch_context(
        self, *, offline: bool = False, archive: dict[str, list[ArchiveEntry]] | None = None
    ) -> FetchContext:
        """What `sources.fetch` needs, as the current release and the refusals are just now."""
        return FetchContext(
            paths=self.paths,
            client=self.client,
            offline=offline,
            archive=archive,
            accepted=accepted_contents(self.releases.current()),
            refused=refusals.refused(self.paths),
            broken=self.catalog.broken,
            progress=self.events.progress,
        )


def accepted_contents(release: dict[str, Any] | None) -> dict[str, list[dict[str, Any]]]:
    """The contents of a release by source, as its manifest names them: what is fallen back to."""
    if release is None:
        return {}
    sources = release["build"]["sources"]
    return {s: o["contents"] for s, o in sources.items() if o["contents"]}
