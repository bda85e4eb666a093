"""The releases that are there: read, verify, roll back, prune.

Belongs here: everything that is done with finished releases.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from core.errors import ReleaseRefused
from core.files import sha256_of
from releases import history, pointer
from releases.builder import HASHED_BY, logical_hash, remove

_GOING = ".going-"


@dataclass(frozen=True)
class ReleaseStore:
    """The folder of releases."""

    folder: Path

    def versions(self) -> list[str]:
        """Finished releases, oldest first."""
        return pointer.finished(self.folder)

    def manifest(self, version: str) -> dict[str, Any]:
        """The manifest of one release; raises FileNotFoundError."""
        path = self.folder / version / "manifest.json"
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document

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
        if faults := self._changed_bytes(version):
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

    def _changed_bytes(self, version: str) -> list[str]:
        """Files of a release that are missing, changed or added."""
        folder = self.folder / version
        try:
            manifest = self.manifest(version)
        except ValueError as error:
            return [f"manifest.json cannot be read: {error}"]
        there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
        faults = [f"{f} is missing" for f in sorted(set(manifest["files"]) - there)]
        published = {m.manifest_sha256 for m in pointer.moves(self.folder) if m.version == version}
        if published - {None, sha256_of(folder / "manifest.json")}:
            faults.append("manifest.json is not the one that was published")
        faults += [
            f"{f} was added" for f in sorted(there - set(manifest["files"]) - {"manifest.json"})
        ]
        faults += [
            f"{f} has changed"
            for f, digest in manifest["files"].items()
            if f in there and sha256_of(folder / f) != digest
        ]
        return faults

    def verify_pointer(self) -> list[str]:
        """Faults of the pointer and its log."""
        past, now = pointer.moves(self.folder), pointer.current(self.folder)
        if not past:
            return [] if now is None else [f"current is {now}, but the log of moves is empty"]
        # A process that died between the two leaves the pointer one move behind; it is finished by
        # the next writer, and readers have a sound release meanwhile.
        behind = now == past[-1].previous
        if now != past[-1].version and not behind:
            faults = [f"current is {now}, the log of moves says {past[-1].version}"]
        else:
            faults = []
        if now is not None and now not in self.versions():
            faults.append(f"current points to {now}, which is not there")
        return faults

    def rollback(self, version: str | None, reason: str) -> pointer.Move:
        """Make an older release current: the one named, or the one before the current.

        Raises FileNotFoundError when there is none, ReleaseRefused for one that is damaged.
        """
        with pointer.lock(self.folder):
            now = pointer.current(self.folder)
            older = [v for v in self.versions() if now is None or v < now]
            target = version or (older[-1] if older else None)
            if target is None or target == now:
                raise FileNotFoundError(f"there is no other release than {now} to go to")
            if target in self.versions() and (faults := self._changed_bytes(target)):
                raise ReleaseRefused(
                    f"release {target} is not as it was published: {'; '.join(faults[:5])}."
                    f" {now} stays current. Name another release: `wcn release list`"
                )
            made = pointer.move(self.folder, target, "rollback", reason)
            history.latest(self.folder)
            return made

    def prune(self, keep: int) -> list[str]:
        """Delete all but the newest `keep` releases and the current one; returns what went.

        The history stays whole: it is brought up to date first, and lies outside the releases.
        """
        with pointer.lock(self.folder):
            return self._prune(keep)

    def _prune(self, keep: int) -> list[str]:
        # A process that died within a rollback has left the pointer behind the log.
        pointer.recover(self.folder)
        history.latest(self.folder)
        now = pointer.current(self.folder)
        going = [v for v in self.versions()[: -keep or None] if v != now]
        for version in going:
            # Aside first, in one step: a half-deleted release must not be listed as one.
            (self.folder / version).rename(self.folder / f"{_GOING}{version}")
        for left in [*self.folder.glob(f"{_GOING}*"), *self.folder.glob(".making-*")]:
            remove(left)
        past = pointer.moves(self.folder)
        for path in sorted((self.folder / history.FOLDER).glob("*.parquet")):
            if past and int(path.stem) < past[-1].number:
                path.unlink()
        return going
