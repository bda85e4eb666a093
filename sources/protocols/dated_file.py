"""A file whose address holds its month, of a publisher without an address for the newest.

Belongs here: going back month by month until there is one. Does not belong here: other files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from core.errors import StatusError
from sources.access import DatedFileAccess, Resource
from sources.declarations import Source
from sources.protocols.live import NO_DATA, LiveContext, one_file
from sources.receipt import Receipt

NOT_YET = (403, 404)


def fetch(live: LiveContext, source: Source, access: DatedFileAccess) -> Iterator[Receipt]:
    """The newest file of each resource: 403 and 404 mean that a month is not published yet."""
    for name, resource in access.resources.items():
        yield _newest(live, source, access, name, resource)


def _newest(
    live: LiveContext, source: Source, access: DatedFileAccess, name: str, resource: Resource
) -> Receipt:
    months = list(_backwards(datetime.now(UTC), access.months_back))
    for month in months:
        dated = resource.model_copy(update={"url": (resource.url or "").replace("{month}", month)})
        receipt = one_file(live, source, access, name, dated, answers=NOT_YET, judge=_not_yet)
        if receipt is not None:
            return receipt
        live.progress(f"{month} is not published yet")
    raise StatusError(
        source.source_id,
        expected=f"a file of one of the months {months[-1]} to {months[0]} ({resource.url})",
        found="403 or 404 for every one",
        todo="look at the publisher's page: the file has another name, or is late",
    )


def _not_yet(_: Path, status: int) -> str | None:
    return NO_DATA if status in NOT_YET else None


def _backwards(now: datetime, count: int) -> Iterator[str]:
    """The month before this one, and those before it."""
    for back in range(1, count + 1):
        months = now.year * 12 + now.month - 1 - back
        yield f"{months // 12}-{months % 12 + 1:02d}"
