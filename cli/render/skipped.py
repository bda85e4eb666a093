"""What a run did not get from the network, why, and how it is got later.

Belongs here: rendering. Does not belong here: what the release holds instead (`run`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.render.console import STATES
from core.paths import DataPaths
from sources.access import PerCityAccess
from sources.catalog import Catalog
from sources.snapshot import stored_snapshot

_LIVE = "live: "


def skipped_report(
    paths: DataPaths, catalog: Catalog, asked: Collection[str], since: datetime
) -> RenderableType | None:
    """Of the sources that were asked since then, those whose service disappointed; None if none."""
    reasons: dict[tuple[str, str], list[str]] = {}
    again = []
    for source_id in sorted(asked):
        source, snapshot = catalog.sources.get(source_id), stored_snapshot(paths, source_id)
        if source is None or snapshot is None or snapshot.taken_at < _seconds(since):
            continue
        if (why := next((f for f in snapshot.failures if f.startswith(_LIVE)), None)) is None:
            continue
        state = "nothing" if snapshot.access_method is None else snapshot.state
        # What was expected is an answer; what was found says more, and is often that of a host.
        found = why.partition("; found ")[2] or why.removeprefix(_LIVE)
        reasons.setdefault((found, state), []).append(source_id)
        if not isinstance(source.access.live, PerCityAccess):  # pulled by itself, as its text says
            again.append(f"--only {source_id}")
    if not reasons:
        return None
    table = Table(title="Not obtained from the network", title_justify="left")
    table.add_column("source", no_wrap=True)
    table.add_column("in its place", no_wrap=True)
    table.add_column("why, and what to do")
    for (found, state), several in reasons.items():
        style = STATES.get(state, "red")
        table.add_row("\n".join(several), Text(state, style=style), found)
    later = Text(f"Later: wcn run {' '.join(again)}", no_wrap=True, overflow="ignore")
    return Group(table, *([later] if again else []))


def _seconds(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
