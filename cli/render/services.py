"""What the live services showed, as a table and as JSON.

Belongs here: rendering. Does not belong here: asking (`sources.probe`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from sources.probe import Finding


def services_table(findings: Sequence[Finding]) -> Table:
    """One row per source, or per resource where it has several."""
    table = Table(title="Live services", title_justify="left")
    for name in ("source", "reachable", "status", "content type", "MB", "last modified", "shape"):
        table.add_column(name, no_wrap=name in ("source", "reachable", "status"))
    table.add_column("found, and what to do", min_width=40)
    for f in sorted(findings, key=lambda f: (f.is_well, f.source_id, f.resource)):
        table.add_row(
            label(f),
            Text("yes", style="green") if f.reachable else Text("no", style="red"),
            "" if f.status is None else str(f.status),
            f.content_type,
            "" if f.megabytes is None else f"{f.megabytes:,.2f}",
            f.last_modified,
            Text(f.shape, style="green" if f.is_well else "red"),
            said(f),
        )
    return table


def label(finding: Finding) -> str:
    return f"{finding.source_id} {finding.resource}".strip()


def said(finding: Finding) -> str:
    """What was found and what to do, where there is something to say."""
    return ". ".join(filter(None, (finding.found, finding.todo)))


def as_document(finding: Finding) -> dict[str, Any]:
    """A finding for machines."""
    return {"reachable": finding.reachable, **asdict(finding)}
