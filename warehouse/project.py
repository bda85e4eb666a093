"""One object with everything that a program was started with; made at the entry, and passed on.

Belongs here: putting settings, declarations, paths, client and events together. Does not belong
here: work.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.events import Events
from core.paths import DataPaths
from core.settings import Settings
from releases.store import ReleaseStore
from sources.catalog import Catalog, load
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
        """Every declaration. Raises DeclarationError."""
        return load(self.settings.publishers)

    @cached_property
    def client(self) -> HttpClient:
        """One per project: rates, and what it has learnt of unreachable hosts, are shared."""
        agent = user_agent(self.settings.contact)
        return HttpClient(settings=HttpSettings(user_agent=agent, rates=rates(self.settings.hosts)))

    @cached_property
    def code_version(self) -> str:
        """Hash of the code and declarations that this project was opened with."""
        return code_version(self.settings)

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
            progress=self.events.progress,
        )


def accepted_contents(release: dict[str, Any] | None) -> dict[str, list[dict[str, Any]]]:
    """The contents of a release by source, as its manifest names them: what is fallen back to."""
    if release is None:
        return {}
    sources = release["build"]["sources"]
    return {s: o["contents"] for s, o in sources.items() if o["contents"]}
