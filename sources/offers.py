"""What a source has to offer: the contents it was read into, and where that is remembered.

Belongs here: contents, offers, their file. Does not belong here: how they come about (`fetch`).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sources.home import Home
from sources.receipt import WayName, write_atomically


@dataclass(frozen=True)
class Content:
    """Accepted bytes of one resource, decoded and conformed."""

    source_id: str
    resource: str
    content_id: str
    sha256: str
    table: str
    reading: str
    """Identity of the reading: column map and code. Same content and reading, same cells."""
    facts: dict[str, Any]
    receipt: dict[str, Any]
    decoded_anew: bool = field(default=False, compare=False)

    def folder(self, home: Home) -> Path:
        return home.raw / self.content_id / self.reading


@dataclass(frozen=True)
class Offer:
    """What a source has for the next build, and what had to be passed over to get there."""

    source_id: str
    way: WayName | None
    stale: bool
    contents: tuple[Content, ...]
    failures: tuple[str, ...]
    offered_at: str

    @property
    def state(self) -> str:
        """One word for a person: live, archive, bundled, stale or unavailable."""
        return "unavailable" if self.way is None else "stale" if self.stale else self.way

    @property
    def retrieved_at(self) -> str | None:
        return max((c.receipt["retrieved_at"] for c in self.contents), default=None)

    def age_days(self, now: datetime) -> float | None:
        """Days since the bytes were got."""
        if self.retrieved_at is None:
            return None
        got = datetime.fromisoformat(self.retrieved_at)
        return (now - got.replace(tzinfo=got.tzinfo or UTC)).total_seconds() / 86400


def store(home: Home, offer: Offer) -> None:
    """Remember the offer as the source's last."""
    write_atomically(home.offers / f"{offer.source_id}.json", json.dumps(asdict(offer), indent=1))


def stored_offer(home: Home, source_id: str) -> Offer | None:
    """The offer that was stored last, if any."""
    path = home.offers / f"{source_id}.json"
    if not path.exists():
        return None
    stored = json.loads(path.read_text(encoding="utf-8"))
    contents = tuple(Content(**c) for c in stored.pop("contents"))
    return Offer(**{**stored, "contents": contents, "failures": tuple(stored["failures"])})
