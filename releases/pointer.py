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


def moves(releases: Path) -> list[Move]:
    """All moves, oldest first. A line that a dying process left half-written never happened."""
    path = releases / LOG
    if not path.exists():
        return []
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found.append(Move(**json.loads(line)))
        except (json.JSONDecodeError, TypeError):
            continue
    return found


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
    if not (releases / version / "manifest.json").is_file():
        raise FileNotFoundError(f"there is no release {version} in {releases}")
    past = recover(releases)
    made = Move(
        number=len(past) + 1,
        at=at or datetime.now(UTC).isoformat(timespec="microseconds"),
        action=action,
        version=version,
        previous=current(releases),
        reason=reason,
    )
    with (releases / LOG).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(made)) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    _point(releases, version)
    return made


def recover(releases: Path) -> list[Move]:
    """Finish what a process that died had begun; returns the moves."""
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
