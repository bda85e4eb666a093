"""How old is what a source gave: by the publisher's clock, else ours, else nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sources.access import AccessMethod
from sources.freshness import freshness
from sources.snapshot import Content, SourceSnapshot, never_obtained

NOW = datetime(2026, 11, 27, tzinfo=UTC)
OLD, RECENT = "Tue, 01 Mar 2022 00:00:00 GMT", "Thu, 26 Nov 2026 00:00:00 GMT"


def snapshot(
    method: AccessMethod = "live", clock: str | None = None, retrieved: str = "2026-11-26T00:00:00",
    *, stale: bool = False,
) -> SourceSnapshot:  # fmt: skip
    receipt: dict[str, Any] = {"retrieved_at": retrieved, "last_modified": clock}
    content = Content("a__b", "r", "c" * 16, "d" * 64, "t", "1", {}, receipt)
    return SourceSnapshot("a__b", method, stale, (content,), (), retrieved)


@pytest.mark.parametrize(
    ("given", "cadence", "days", "is_fresh"),
    [
        (snapshot(), "monthly", 1, True),
        (snapshot(clock=OLD), "monthly", 1732, False),
        (snapshot(clock=OLD), "frozen", 1732, True),
        (snapshot(clock="yesterday"), "monthly", 1, True),
        (snapshot("archive", retrieved="2026-01-01T00:00:00"), "monthly", 330, False),
        (snapshot("bundled", clock=RECENT), "monthly", 1, True),
        (snapshot("bundled"), "monthly", None, False),
        (snapshot("bundled"), "frozen", None, True),
        (snapshot(stale=True), "monthly", 1, False),
        (snapshot(stale=True), "frozen", 1, False),
        (never_obtained("a__b"), "monthly", None, False),
        (never_obtained("a__b"), "frozen", None, False),
    ],
)
def test_freshness_follows_the_bytes(
    given: SourceSnapshot, cadence: str, days: int | None, is_fresh: bool
) -> None:
    found = freshness(given, cadence, NOW)
    assert (found.days, found.is_fresh) == (days, is_fresh)
