"""What was written into the folder of releases, and what was taken out of it: an append-only log.

`hashes.jsonl` has one line per release that was made, per file of the history that was written,
and per one of both that was deleted on purpose. So "deleted" is told from "lost", and a file of the
history from a damaged one. A data home of before has no such file: `adopt` begins one with what is
there.

Belongs here: the lines. Does not belong here: comparing them with what is there (`audit`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from core.files import sha256_of
from releases import journal, pointer

LOG = "hashes.jsonl"
Kind = Literal["release", "history"]


@dataclass(frozen=True)
class Ledger:
    """What the log says now. A release is named by its version, a history by its move's number."""

    releases: dict[str, str] = field(default_factory=dict)
    """Version → SHA-256 of its manifest, of releases that were made and not deleted."""
    history: dict[int, str] = field(default_factory=dict)
    """Number of the move → SHA-256 of the file, of those that were written and not deleted."""
    deleted: frozenset[str] = frozenset()
    """Versions that were deleted on purpose."""


def read(releases: Path) -> Ledger:
    """What the log says now. Raises journal.DamagedLog."""
    made: dict[str, str] = {}
    history: dict[int, str] = {}
    deleted = set[str]()
    for line in journal.entries(releases / LOG):
        match line:
            case {"kind": "release", "name": str(version), "sha256": str(digest)}:
                made[version] = digest
                deleted.discard(version)
            case {"kind": "release", "name": str(version)}:
                made.pop(version, None)
                deleted.add(version)
            case {"kind": "history", "name": int(number), "sha256": str(digest)}:
                history[number] = digest
            case {"kind": "history", "name": int(number)}:
                history.pop(number, None)
    return Ledger(made, history, frozenset(deleted))


def wrote(releases: Path, kind: Kind, name: str | int, sha256: str) -> None:
    """A release or a file of the history is there from now on, with this hash."""
    _append(releases, {"kind": kind, "name": name, "sha256": sha256})


def deleted(releases: Path, kind: Kind, name: str | int) -> None:
    """It is deleted on purpose. Said before it is done: what remains is then no release."""
    _append(releases, {"kind": kind, "name": name, "sha256": None})


def adopt(releases: Path) -> None:
    """Note the published releases that are there and that no line names: of an earlier version.

    The hash is the one of the move where it has one, so that a damaged release is not adopted as
    it is.
    """
    known = read(releases)
    there = set(pointer.finished(releases))
    promised = {m.version: m.manifest_sha256 for m in pointer.moves(releases)}
    for version in pointer.published(releases):
        if version in there and version not in known.releases:
            digest = promised[version] or sha256_of(releases / version / "manifest.json")
            wrote(releases, "release", version, digest)


def _append(releases: Path, entry: dict[str, object]) -> None:
    with pointer.lock(releases):
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        journal.append(releases / LOG, {**entry, "at": at})
