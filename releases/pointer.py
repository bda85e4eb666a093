"""Which release is current: an append-only log of moves, and one symbolic link that follows it.

The log is the truth. A move is written to it first and then made, so that a process that dies in
between leaves a log that says where the pointer belongs; `recover` moves it there. The log is the
order of releases, too: names have times in them, and a clock may be set back.

Belongs here: the log, the link, the order. Does not belong here: whether what they say is so
(`audit`).
"""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from filelock import BaseFileLock, FileLock

from core.errors import ReleaseRefused
from core.files import sha256_of
from releases import journal

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
    """All moves, oldest first. A line that a dying process left half-written never happened.

    Raises journal.DamagedLog where another line cannot be read, or is missing.
    """
    log = releases / LOG
    past = [_read(log, line) for line in journal.entries(log)]
    numbers = [m.number for m in past]
    if numbers != list(range(1, len(past) + 1)):
        raise journal.DamagedLog(
            f"{LOG} has the moves {numbers}, not 1 to {len(past)}: lines are missing or doubled."
            " Take the file from a backup (docs/how-to/recover.md)"
        )
    return past


def current(releases: Path) -> str | None:
    """The version that readers see, or None before the first release."""
    link = releases / CURRENT
    return link.readlink().name if link.is_symlink() else None


def target(releases: Path) -> str | None:
    """What the link says, as it is written; None where there is no link."""
    link = releases / CURRENT
    return str(link.readlink()) if link.is_symlink() else None


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
    """The versions of all finished releases, in the order in which they were published.

    Those that no move has published come last. The times in their names decide nothing.
    """
    there = {p.parent.name for p in releases.glob("[0-9]*T*/manifest.json")}
    in_order = [v for v in published(releases) if v in there]
    return in_order + sorted(there - set(in_order))


def published(releases: Path) -> list[str]:
    """The versions that were ever published, there or not, in the order of their first move."""
    return list(dict.fromkeys(m.version for m in moves(releases)))


def next_moment(releases: Path) -> str:
    """The time for the next move (ISO, UTC): now, but later than the last move.

    A clock that was set back would give intervals that end before they begin.
    """
    now = datetime.now(UTC)
    if past := moves(releases):
        now = max(now, _moment(past[-1].at) + timedelta(microseconds=1))
    return now.isoformat(timespec="microseconds")


def demand_later(releases: Path, at: str) -> None:
    """Raise ReleaseRefused where the pointer was moved at `at` or since."""
    if (past := moves(releases)) and _moment(at) <= _moment(past[-1].at):
        raise ReleaseRefused(
            f"the pointer was moved ({past[-1].action} to {past[-1].version}) while this release"
            " was being made, and its history of values does not know that. Run again"
        )


def _move(
    releases: Path,
    version: str,
    action: Literal["publish", "rollback"],
    reason: str,
    at: str | None,
    manifest_sha256: str,
) -> Move:
    past = _recover(releases)
    if at is not None:
        demand_later(releases, at)
    made = Move(
        number=len(past) + 1,
        at=at or next_moment(releases),
        action=action,
        version=version,
        previous=current(releases),
        reason=reason,
        manifest_sha256=manifest_sha256,
    )
    journal.append(releases / LOG, asdict(made))
    _point(releases, version)
    return made


def recover(releases: Path) -> list[Move]:
    """Finish what a process that died had begun; returns the moves. For writers only."""
    with lock(releases):
        return _recover(releases)


def _recover(releases: Path) -> list[Move]:
    past = moves(releases)
    if journal.is_half_written(releases / LOG):
        journal.mend(releases / LOG)
    # Not to a release that was lost: what readers have meanwhile is better than nothing.
    is_behind = past and target(releases) != past[-1].version
    if is_behind and (releases / past[-1].version / "manifest.json").exists():
        _point(releases, past[-1].version)
    return past


def _point(releases: Path, version: str) -> None:
    link = releases / CURRENT
    if link.is_dir() and not link.is_symlink():
        raise FileExistsError(
            f"{link} is a folder where the link to the current release belongs. `wcn doctor --mend`"
            " moves it aside"
        )
    temporary = releases / f".{CURRENT}.{uuid.uuid4().hex[:6]}"
    temporary.symlink_to(version)
    temporary.replace(link)


def _read(log: Path, line: dict[str, object]) -> Move:
    try:
        return Move(**line)  # type: ignore[arg-type]
    except TypeError as error:
        raise journal.DamagedLog(
            f"{log.name} has a line that is no move ({error}). Take the file from a backup"
            " (docs/how-to/recover.md)"
        ) from error


def _moment(at: str) -> datetime:
    read = datetime.fromisoformat(at)
    return read.replace(tzinfo=read.tzinfo or UTC)
