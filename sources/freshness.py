"""How old what a source gave is, and how old it may be.

Belongs here: ages by the publisher's clock or ours, and what a cadence allows. Does not belong
here: obtaining again (`fetch`), telling people (`orchestration`, `cli`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sources.snapshot import SourceSnapshot

# How old the bytes of a source may be before it counts as stale, by how often it changes.
MAX_AGE = {
    "daily": timedelta(days=3),
    "weekly": timedelta(days=15),
    "monthly": timedelta(days=45),
    "quarterly": timedelta(days=120),
    "yearly": timedelta(days=400),
}


@dataclass(frozen=True)
class Freshness:
    """Days since the newest bytes were made, as far as anybody says, and days that are allowed."""

    days: float | None
    """None: nothing was ever obtained, or what came with a package says no date."""
    allowed_days: int | None
    """None: the source is frozen, and may be of any age."""
    is_fresh: bool
    updated_by_source: str
    """The publisher's clocks as they were sent, with commas; empty where it has none."""


def freshness(snapshot: SourceSnapshot, cadence: str, now: datetime | None = None) -> Freshness:
    """By the publisher's own clock where it gives one (Last-Modified), else by the fetch.

    What comes with a package was not fetched from its publisher when it was installed: without a
    date of its own its age is unknown, and it is not fresh.
    """
    receipts = [c.receipt for c in snapshot.contents]
    updated = [r["last_modified"] for r in receipts if r["last_modified"]]
    clocks = [at for at in map(_clock, updated) if at]
    now = now or datetime.now(UTC)
    if clocks:
        days: float | None = (now - max(clocks)).total_seconds() / 86400
    else:
        days = None if snapshot.access_method == "bundled" else snapshot.age_days(now)
    allowed = MAX_AGE[cadence].days if cadence in MAX_AGE else None
    in_time = allowed is None or (days is not None and days <= allowed)
    return Freshness(
        days,
        allowed,
        is_fresh=bool(receipts) and not snapshot.stale and in_time,
        updated_by_source=", ".join(updated),
    )


def _clock(text: str) -> datetime | None:
    """An HTTP date, or None for what some servers send instead."""
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)
