"""Every declared source as a table: what it last gave, how old that is, when it is due.

Belongs here: rendering. Does not belong here: obtaining (`sources`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.render.console import STATES
from core.errors import DeclarationError
from core.paths import DataPaths
from sources.catalog import Catalog
from sources.declarations import PERIOD, Source
from sources.snapshot import SourceSnapshot, stored_snapshot

_BROKEN = Text("broken declaration", style="red")
_SHORT = 240


def sources_report(paths: DataPaths, catalog: Catalog) -> RenderableType:
    """Every declared source: theme, cities, years, last fetch, age, next due, state, licence."""
    now, notes = datetime.now(UTC), list[RenderableType]()
    table = Table()
    for name in ("source", "theme", "state", "cities", "years", "fetched", "age", "next due"):
        table.add_column(name, no_wrap=name != "years")
    table.add_column("licence")
    for source_id in catalog.missing:
        table.add_row(source_id, "", _BROKEN)
    for source_id, source in catalog.sources.items():
        snapshot = stored_snapshot(paths, source_id)
        days = snapshot.age_days(now) if snapshot else None
        fetched = snapshot.retrieved_at if snapshot else None
        licence = catalog.concepts.licences[source.licence]
        table.add_row(
            source_id,
            source.theme,
            _BROKEN if source_id in catalog.broken else _state(snapshot),
            f"{max((c.facts['cities'] for c in snapshot.contents), default=0):,}"
            if snapshot
            else "",
            _years(snapshot),
            f"{fetched[:10]} {snapshot.access_method}" if snapshot and fetched else "never",
            "" if days is None else f"{days:.0f} d",
            _due(source, fetched),
            licence.name + ("" if licence.may_redistribute else " (not to be passed on)"),
        )
        if snapshot and snapshot.failures and source_id not in catalog.broken:
            notes.append(Text(f"{source_id}: {snapshot.failures[0]}", style="dim"))
    for fault in catalog.faults:
        notes.append(Text(f"{fault.source_id}: {_BROKEN}: {_short(fault)}", style="red"))
    return Group(table, *notes)


def _short(fault: DeclarationError) -> str:
    """Of an answer of many lines the beginning; `wcn sources check` has it all."""
    found = " ".join(fault.found.split())
    found = found if len(found) <= _SHORT else f"{found[:_SHORT]} …"
    return f"expected {fault.expected}; found {found}. What to do: {fault.todo}"


def _state(snapshot: SourceSnapshot | None) -> Text:
    if snapshot is None:
        return Text("never obtained", style="red")
    needed = next((m[0] for f in snapshot.failures if (m := re.search(r"needs WCN_\w+", f))), None)
    if needed and snapshot.access_method is None:
        return Text(needed, style="yellow")
    return Text(snapshot.state, style=STATES.get(snapshot.state, "red"))


def _places(snapshot: SourceSnapshot) -> int:
    return max((c.facts["cities"] for c in snapshot.contents), default=0)


def _years(snapshot: SourceSnapshot | None) -> str:
    facts = [c.facts for c in snapshot.contents] if snapshot else []
    first = min((f["first_period"] for f in facts if f["first_period"]), default=None)
    last = max((f["last_period"] for f in facts if f["last_period"]), default=None)
    if first is None or last is None:
        return ""
    return first[:9] if "/" in first or first == "undated" else f"{first[:4]}–{last[:4]}"


def _due(source: Source, fetched: str | None) -> str:
    """The end of the publisher's cadence after the last fetch; `now` where that has passed."""
    period = PERIOD.get(source.cadence)
    if period is None:
        return "frozen"
    due = datetime.fromisoformat(fetched) + period if fetched else datetime.now(UTC)
    due = due.replace(tzinfo=due.tzinfo or UTC)
    return "now" if due <= datetime.now(UTC) else f"{due:%Y-%m-%d}"
