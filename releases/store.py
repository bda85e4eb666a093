"""The releases that are there: read, verify, roll back, prune.

Belongs here: everything that is done with finished releases. Does not belong here: what is compared
with what (`integrity`, `audit`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.errors import ReleaseRefused
from releases import audit, history, integrity, ledger, pointer
from releases.builder import HASHED_BY, logical_hash, remove

_GOING = ".going-"
# Half-deleted and half-made releases; a link and small files that were to take another's place.
_LEFT = (f"{_GOING}*", ".making-*", ".current.*", f".{pointer.LOG}.*")


@dataclass(frozen=True)
class ReleaseStore:
    """The folder of releases."""

    folder: Path

    def versions(self) -> list[str]:
        """Finished releases, in the order in which they were published."""
        return pointer.finished(self.folder)

    def manifest(self, version: str) -> dict[str, Any]:
        """The manifest of one release; raises FileNotFoundError, ValueError."""
        return integrity.manifest(self.folder, version)

    def current(self) -> dict[str, Any] | None:
        """The manifest of the current release, if there is one."""
        version = pointer.current(self.folder)
        return self.manifest(version) if version else None

    @contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The current release, read-only, by its version: a move of the pointer changes nothing.

        Raises LookupError before the first release.
        """
        version = pointer.current(self.folder)
        if version is None:
            raise LookupError("there is no release yet: run `wcn run` first")
        path = self.folder / version / "warehouse.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            yield connection

    def size(self, version: str) -> int:
        """Bytes on disk."""
        return sum(p.stat().st_size for p in (self.folder / version).rglob("*") if p.is_file())

    def verify(self, version: str) -> list[str]:
        """Faults of one release: missing, changed or added files, tables that differ."""
        if version not in self.versions():
            raise FileNotFoundError(f"there is no release {version} in {self.folder}")
        if faults := integrity.changed_bytes(self.folder, version):
            return faults
        folder, manifest = self.folder / version, self.manifest(version)
        with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
            for table, described in manifest["tables"].items():
                # One that another engine has counted cannot be compared; the bytes were.
                if not described["logical_hash"].startswith(HASHED_BY):
                    continue
                if logical_hash(connection, table) != described["logical_hash"]:
                    faults.append(f"table {table} differs from its logical hash")
        return faults

    def verify_pointer(self) -> list[str]:
        """Faults of the pointer and of its log."""
        return audit.link(self.folder).faults

    def audit(self) -> audit.Found:
        """Faults of everything but the bytes of releases: pointer, logs, history, what is lost."""
        return audit.audit(self.folder)

    def rollback(self, version: str | None, reason: str) -> pointer.Move:
        """Make an older release current: the one named, or the one before the current.

        Raises FileNotFoundError when there is none, ReleaseRefused for one that is damaged;
        history.HistoryLost where the pointer has moved, but the history cannot follow.
        """
        with pointer.lock(self.folder):
            # "Before the current" means before what the log says, not before an unfinished move.
            pointer.recover(self.folder)
            now = pointer.current(self.folder)
            order = [v for v in self.versions() if v in pointer.published(self.folder)]
            older = order[: order.index(now)] if now in order else order
            target = version or (older[-1] if older else None)
            if target is None or target == now:
                raise FileNotFoundError(f"there is no other release than {now} to go to")
            if target in self.versions():
                self._demand_publishable(target, target in order, now)
            made = pointer.move(self.folder, target, "rollback", reason)
            history.latest(self.folder)
            return made

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest `keep` releases and the current one; returns what went.

        Newest is what was published last. The history stays whole: it is brought up to date first,
        and lies outside the releases. Raises history.HistoryLost.
        """
        with pointer.lock(self.folder):
            return self._prune(keep)

    def _prune(self, keep: int) -> list[str]:
        # A process that died within a rollback has left the pointer behind the log.
        pointer.recover(self.folder)
        history.latest(self.folder)
        now, order = pointer.current(self.folder), pointer.published(self.folder)
        there, known = self.versions(), ledger.read(self.folder).releases
        published = [v for v in there if v in order]
        going = [v for v in published[: -keep or None] if v != now]
        # One that was made and never published goes, too; one that no log knows is not ours.
        going += [v for v in there if v not in order and v in known]
        for version in going:
            ledger.deleted(self.folder, "release", version)
            # Aside first, in one step: a half-deleted release must not be listed as one.
            (self.folder / version).rename(self.folder / f"{_GOING}{version}")
        self.remove_leftovers()
        self.tidy_history()
        return going

    def tidy_history(self) -> None:
        """Keep the history after the last move only, made again where it is damaged: it has all
        that the older files have. Raises history.HistoryLost.
        """
        with pointer.lock(self.folder):
            history.latest(self.folder)
            last = len(pointer.moves(self.folder))
            for number in sorted(self._older_history(last)):
                ledger.deleted(self.folder, "history", number)
                history.path(self.folder, number).unlink(missing_ok=True)

    def leftovers(self) -> list[Path]:
        """What processes that died have left half-made or half-deleted."""
        found = [p for name in _LEFT for p in self.folder.glob(name)]
        return sorted([*found, *(self.folder / history.FOLDER).glob("*.tmp")])

    def remove_leftovers(self) -> list[Path]:
        """Delete them; no build may be running. Returns what went."""
        going = self.leftovers()
        for left in going:
            if left.is_dir() and not left.is_symlink():
                remove(left)
            else:
                left.unlink()
        return going

    def _older_history(self, last: int) -> set[int]:
        there = (self.folder / history.FOLDER).glob("*.parquet")
        named = {int(p.stem) for p in there if p.stem.isdecimal()}
        return {n for n in named | set(ledger.read(self.folder).history) if n < last}

    def _demand_publishable(self, version: str, published: bool, now: str | None) -> None:
        faults = integrity.changed_bytes(self.folder, version)
        if not published:
            faults = ["it was never published"]
        if faults:
            raise ReleaseRefused(
                f"release {version} is not as it was published: {'; '.join(faults[:5])}."
                f" {now} stays current. Name another release: `wcn release list`"
            )
