"""Dagster's webserver, which answers only to the names that this machine is called by.

A page of a foreign site may have its own name point at 127.0.0.1 and so reach what listens there
(DNS rebinding), and the UI has no login: it can start and delete runs. The webserver itself looks
at no name.

Beside Dagster's pages it serves those that its assets have links to: Data Docs, dbt docs, releases.

Belongs here: both, as layers of Dagster's application. Does not belong here: starting services
(`cli.ui`).
"""

from contextlib import suppress

from dagster_webserver import app
from dagster_webserver.cli import main
from dagster_webserver.webserver import DagsterWebserver
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from core.paths import DataPaths
from core.settings import Settings
from orchestration import links


class GuardedWebserver(DagsterWebserver):
    """As its base, but a request under another name than `WCN_UI_HOSTS` is answered with 400."""

    def build_middleware(self) -> list[Middleware]:
        hosts = list(Settings.from_environment().ui_hosts)
        return [Middleware(TrustedHostMiddleware, allowed_hosts=hosts), *super().build_middleware()]

    def build_routes(self) -> list[BaseRoute]:
        """As its base, and folders of the data home, read-only."""
        paths = DataPaths(Settings.from_environment().data)
        folders = {
            links.DATA_DOCS: paths.quality,
            links.RELEASES: paths.releases,
            links.DBT_DOCS: paths.dbt_target / "docs",
        }
        for folder in folders.values():
            with suppress(OSError):  # of a read-only home; what is not there answers with an error
                folder.mkdir(parents=True, exist_ok=True)
        return [
            *(
                Mount(address, StaticFiles(directory=folder, html=True, check_dir=False))
                for address, folder in folders.items()
            ),
            *super().build_routes(),  # type: ignore[no-untyped-call]
        ]


if __name__ == "__main__":
    vars(app)["DagsterWebserver"] = GuardedWebserver  # what `main` makes its application of
    main()  # type: ignore[no-untyped-call]
