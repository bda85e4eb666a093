"""Where this project and its data live, and what the tools beneath must be told once.

Belongs here: environment. `WCN_DATA` is the data home; `WCN_ALERT_WEBHOOK`, `WCN_CONTACT` optional.
"""

from __future__ import annotations

import os
from pathlib import Path

from sources.catalog import ROOT
from sources.home import Home

DBT_PROJECT = ROOT / "dbt_project"
MIN_CITIES = 30_000


def home() -> Home:
    """The data home, created if need be."""
    root = Path(os.environ.get("WCN_DATA") or ROOT / "data").resolve()
    made = Home(root)
    for folder in (made.build, made.releases, made.temporary):
        folder.mkdir(parents=True, exist_ok=True)
    return made


def min_cities() -> int:
    """Gate 2's floor for `dim_city`; small warehouses of tests lower it."""
    return int(os.environ.get("WCN_MIN_CITIES", MIN_CITIES))


def decisions() -> Path:
    """The file of people's decisions about labels: part of the project, unless told otherwise."""
    return Path(os.environ.get("WCN_DECISIONS") or DBT_PROJECT / "seeds" / "city_decision.csv")


def prepare_environment() -> None:
    """Tell Dagster and dbt where to keep their things, and to send nothing home."""
    here = home()
    dagster = here.root / "dagster"
    dagster.mkdir(exist_ok=True)
    os.environ.setdefault("DAGSTER_HOME", str(dagster))
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "1"
    os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "false"
    os.environ["WCN_CANDIDATE"] = str(here.candidate)
    os.environ["DBT_TARGET_PATH"] = str(here.root / "dbt" / "target")
    os.environ["DBT_LOG_PATH"] = str(here.root / "dbt" / "logs")
    configuration = dagster / "dagster.yaml"
    # No telemetry, no newsletter dialogue. No pools either: a killed run would keep its place in
    # one for ever, whereas the operating system frees the file lock of the write slot.
    wanted = "telemetry: {enabled: false}\nnux: {enabled: false}\n"
    if not configuration.exists() or configuration.read_text(encoding="utf-8") != wanted:
        configuration.write_text(wanted, encoding="utf-8")
