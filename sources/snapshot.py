"""What a source gave last: the contents it was parsed into, and where that is remembered.

Belongs here: contents, snapshots, their file. Does not belong here: how they come about (`fetch`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.files import is_sha256, write_atomically
from core.paths import DataPaths, inside
from sources.access import AccessMethod

_log = logging.getLogger("wcn.source")


@dataclass(frozen=True)
class Content:
    """Accepted bytes of one resource, decoded and conformed."""

    source_id: str
    resource: str
    content_id: str
    sha256: str
    table: str
    parse_version: str
    """Identity of the column map and the code. Same content and version, same cells."""
    facts: dict[str, Any]
    receipt: dict[str, Any]
    is_new: bool = field(default=False, compare=False)

    def folder(self, paths: DataPaths) -> Path:
        return inside(paths.raw, self.content_id, self.parse_version)


@dataclass(frozen=True)
class SourceSnapshot:
    """What a source has for the next build, and what had to be passed over to get there."""

    source_id: str
    access_method: AccessMethod | None
    stale: bool
    contents: tuple[Content, ...]
    failures: tuple[str, ...]
    taken_at: str

    @property
    def state(self) -> str:
        """One word for a person: live, archive, bundled, repository, stale or unavailable."""
        return (
            "unavailable"
            if self.access_method is None
            else "stale"
            if self.stale
            else self.access_method
        )

    @property
    def additional_columns(self) -> tuple[str, ...]:
        """Columns that nothing in the declaration names, and that it lets be."""
        # Facts that an earlier version counted do not say.
        named = (n for c in self.contents for n in c.facts.get("additional_columns", ()))
        return tuple(dict.fromkeys(named))

    @property
    def retrieved_at(self) -> str | None:
        return max((c.receipt["retrieved_at"] for c in self.contents), default=None)

    def age_days(self, now: datetime) -> float | None:
        """Days since the bytes were got."""
        if self.retrieved_at is None:
            return None
        got = datetime.fromisoformat(self.retrieved_at)
        return (now - got.replace(tzinfo=got.tzinfo or UTC)).total_seconds() / 86400


def never_obtained(source_id: str) -> SourceSnapshot:
    """The snapshot of a source that nobody has asked yet."""
    return SourceSnapshot(source_id, None, False, (), ("it was never obtained",), "never")


def nothing(source_id: str, failures: Iterable[str]) -> SourceSnapshot:
    """The snapshot of a source that has nothing acceptable, and why."""
    taken_at = datetime.now(UTC).isoformat(timespec="seconds")
    return SourceSnapshot(source_id, None, False, (), tuple(failures), taken_at)


def store(paths: DataPaths, snapshot: SourceSnapshot) -> None:
    """Remember the snapshot as the source's last."""
    path = inside(paths.snapshots, f"{snapshot.source_id}.json")
    write_atomically(path, json.dumps(asdict(snapshot), indent=1))


class DamagedSnapshot(Exception):
    """The file of a snapshot cannot be read; the message says which, and how it is made again."""


def stored_snapshot(paths: DataPaths, source_id: str) -> SourceSnapshot | None:
    """The snapshot that was stored last; None where there is none that could be read.

    It says what to build with, and is made again whenever the source is obtained.
    """
    try:
        return read_snapshot(paths, source_id)
    except DamagedSnapshot as error:
        _log.warning("%s", error)
        return None


def read_snapshot(paths: DataPaths, source_id: str) -> SourceSnapshot | None:
    """The snapshot that was stored last, if any. Raises DamagedSnapshot."""
    path = inside(paths.snapshots, f"{source_id}.json")
    if not path.exists():
        return None
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        contents = tuple(Content(**c) for c in stored.pop("contents"))
        if faulty := [c.sha256 for c in contents if not is_sha256(c.sha256)]:
            raise ValueError(f"{faulty[0]!a} is no SHA-256")
        failures = tuple(stored["failures"])
        return SourceSnapshot(**{**stored, "contents": contents, "failures": failures})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise DamagedSnapshot(
            f"{path.name} cannot be read ({error}): `wcn run --only {source_id}` makes it again"
        ) from error
