"""Which release is current: an append-only log of moves, and one symbolic link that follows it.

The log is the truth. A move is written to it first and then made, so that a process that dies in
between leaves a log that says where the pointer belongs; `recover` moves it there.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import BaseFileLock, FileLock

from core.files import json_lines, sha256_of

LOG = "moves.jsonl"
CURRENT = "current"


@dataclass(frozen=True)
class Move:
    """One move of the pointer, never changed afterwards."""

    number: int
    at: str
    action: Literal["publish", "rollback"]
    version: str
    previous: str | None
    reason: str = ""
    manifest_sha256: str | None = None


def moves(releases: Path) -> list[Move]:
    """All moves, oldest first. A line that a dying process left half-written never happened."""
    return [Move(**line) for line in json_lines(releases / LOG)]


def current(releases: Path) -> str | None:
    """The version that readers see, or None before the first release."""
    link = releases / CURRENT
    return link.readlink().name if link.is_symlink() else None


def move(
    releases: Path,
    version: str,
    action: Literal["publish", "rollback"],
    reason: str = "",
    at: str | None = None,
) -> Move:
    """Make a finished release current, atomically. Raises FileNotFoundError if there is none."""
    with lock(releases):
        if version not in finished(releases):
            raise FileNotFoundError(f"there is no release {version} in {releases}")
        manifest = sha256_of(releases / version / "manifest.json")
        return _move(releases, version, action, reason, at, manifest)


def lock(releases: Path) -> BaseFileLock:
    """Held by whatever moves the pointer or deletes a release; who holds it may take it again."""
    return FileLock(releases / ".moving", is_singleton=True)


def finished(releases: Path) -> list[str]:
    """The versions of all finished releases, oldest first."""
    return sorted(p.parent.name for p in releases.glob("[0-9]*T*/manifest.json"))


def _move(
    releases: Path,
    version: str,
    action: Literal["publish", "rollback"],
    reason: str,
    at: str | None,
    manifest_sha256: str,
) -> Move:
    past = _recover(releases)
    made = Move(
        number=len(past) + 1,
        at=at or datetime.now(UTC).isoformat(timespec="microseconds"),
        action=action,
        version=version,
        previous=current(releases),
        reason=reason,
        manifest_sha256=manifest_sha256,
    )
    with (releases / LOG).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(made)) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    _point(releases, version)
    return made


def recover(releases: Path) -> list[Move]:
    """Finish what a process that died had begun; returns the moves. For writers only."""
    with lock(releases):
        return _recover(releases)


def _recover(releases: Path) -> list[Move]:
    past = moves(releases)
    path = releases / LOG
    if path.exists():
        whole = "".join(json.dumps(asdict(m)) + "\n" for m in past)
        if path.read_text(encoding="utf-8") != whole:
            temporary = path.with_name(f".{LOG}.{uuid.uuid4().hex[:6]}")
            temporary.write_text(whole, encoding="utf-8")
            temporary.replace(path)
    if past and current(releases) != past[-1].version:
        _point(releases, past[-1].version)
    return past


def _point(releases: Path, version: str) -> None:
    temporary = releases / f".{CURRENT}.{uuid.uuid4().hex[:6]}"
    temporary.symlink_to(version)
    temporary.replace(releases / CURRENT)
