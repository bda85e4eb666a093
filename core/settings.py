"""What the environment may change, read once where a program begins.

Belongs here: the variables, their defaults, and where this project lies. Does not belong here:
reading the environment anywhere else (only keys of services are looked up later, by name).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
PUBLISHERS = ROOT / "sources" / "publishers"
# Where `wcn docs` serves the documentation that `make docs` builds.
DOCUMENTATION = "http://127.0.0.1:8000/"
DBT_PROJECT = ROOT / "dbt_project"
DECISIONS = ROOT / "cities" / "curated" / "decisions.csv"
_CONTACT = "+https://worldcitynetwork.org/contact; data@worldcitynetwork.org"
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Settings:
    """One field per environment variable, named in its comment."""

    data: Path = ROOT / "data"  # WCN_DATA: the data home
    publishers: Path = PUBLISHERS  # WCN_PUBLISHERS: declarations of sources
    decisions: Path = DECISIONS  # WCN_DECISIONS: people's decisions about labels
    min_cities: int = 30_000  # WCN_MIN_CITIES: gate 2's floor for dim_city
    # WCN_MAX_FALLEN_LINKS: how many links of sources that did not change a build may take away
    max_fallen_links: int = 100
    contact: str = _CONTACT  # WCN_CONTACT: in the User-Agent
    hosts: Path | None = None  # WCN_HOSTS: rates per host, laid over ours
    alert_webhook: str | None = field(default=None, repr=False)  # WCN_ALERT_WEBHOOK
    ui_hosts: tuple[str, ...] = _LOCAL  # WCN_UI_HOSTS: names of the Dagster UI, with commas

    @staticmethod
    def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
        """The defaults, with what the environment gives in their place; empty means not given."""
        given = {k: v for k, v in environment.items() if v}
        plain = Settings()
        return Settings(
            data=Path(given.get("WCN_DATA", plain.data)).resolve(),
            publishers=Path(given.get("WCN_PUBLISHERS", plain.publishers)).resolve(),
            decisions=Path(given.get("WCN_DECISIONS", plain.decisions)).resolve(),
            min_cities=int(given.get("WCN_MIN_CITIES", plain.min_cities)),
            max_fallen_links=int(given.get("WCN_MAX_FALLEN_LINKS", plain.max_fallen_links)),
            contact=given.get("WCN_CONTACT", plain.contact),
            hosts=Path(given["WCN_HOSTS"]) if "WCN_HOSTS" in given else None,
            alert_webhook=given.get("WCN_ALERT_WEBHOOK"),
            ui_hosts=tuple(given["WCN_UI_HOSTS"].split(",")) if "WCN_UI_HOSTS" in given else _LOCAL,
        )
