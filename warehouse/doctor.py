"""What is wrong with a data home, part by part, and what can be mended without losing anything.

Looking changes nothing and needs no lock; so what another process is just writing may be seen
half-made. Mending holds the lock of a build. What cannot be read is moved aside, never deleted.

Belongs here: the checks and their cures. Does not belong here: one release's bytes
(`releases.integrity`), pruning (`landed`), printing (`cli.doctor`).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from core.files import sha256_of
from core.paths import DataPaths
from releases import history, integrity, journal, ledger, pointer
from releases.builder import remove
from releases.store import ReleaseStore
from sources.landing import blob_path
from sources.receipt import Receipt
from sources.snapshot import DamagedSnapshot, read_snapshot

# What another process may be writing is left alone so long: pulls hold no lock of a build.
UNDERWAY = 24 * 3600.0
_DAMAGED = "damaged"


class Busy(Exception):
    """A build or a pull is running; the message says what to wait for."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    part: str
    """A folder or file of the data home, as it is named in its root."""
    text: str
    is_fault: bool = True
    """False: untidy, or not finished; nothing that anybody reads is wrong."""
    mend: Callable[[], object] | None = None


@dataclass(frozen=True)
class Use:
    """How much of the disk one part of the data home takes."""

    part: str
    files: int
    size: int


@contextmanager
def alone(paths: DataPaths) -> Iterator[None]:
    """Hold the lock of a build, or raise Busy at once. Who holds it by name stays as it was."""
    lock = FileLock(paths.build / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy("a build is running: try again when it is done") from None
    try:
        yield
    finally:
        lock.release()


def examine(paths: DataPaths) -> list[Finding]:
    """Everything that is wrong, in the order of the parts. Reads every landed and released byte."""
    return [
        *_logs(paths),
        *_releases(paths),
        *_blobs(paths),
        *_receipts(paths),
        *_snapshots(paths),
        *_raw(paths),
        *_leftovers(paths),
    ]


def mend(paths: DataPaths) -> list[Finding]:
    """Mend what can be mended; returns what was. Raises Busy while a build is running."""
    tried: dict[tuple[str, str], Finding] = {}
    with alone(paths):
        # A cure may bring to light what another cure can mend: a pointer, then the history.
        while cures := [f for f in examine(paths) if f.mend and (f.part, f.text) not in tried]:
            for found in cures:
                tried[found.part, found.text] = found
                assert found.mend is not None
                # One that fails leaves the finding, which says what a person can do.
                with suppress(OSError, history.HistoryLost, journal.DamagedLog):
                    found.mend()
        for left in examine(paths):
            tried.pop((left.part, left.text), None)
    return list(tried.values())


def disk_use(paths: DataPaths) -> list[Use]:
    """Files and bytes by part of the data home; the parts of `landing` one by one."""
    parts = [p for p in paths.root.iterdir() if p.name != "landing"]
    parts += (paths.root / "landing").glob("*")
    counted = []
    for part in sorted(parts):
        files = [p for p in [part, *part.rglob("*")] if p.is_file() and not p.is_symlink()]
        name = str(part.relative_to(paths.root))
        counted.append(Use(name, len(files), sum(p.stat().st_size for p in files)))
    return counted


def _logs(paths: DataPaths) -> Iterator[Finding]:
    strict = (paths.releases / pointer.LOG, paths.releases / ledger.LOG)
    for log in (*strict, paths.refusals, paths.accepted_breaks):
        part, (_, damaged, _) = _part(paths, log), journal.read(log)
        if log in strict:
            for fault in journal.faults(log):
                yield Finding(part, fault)
        elif damaged:
            # Its readers pass over it: most likely a process died while it wrote it.
            numbers = ", ".join(map(str, damaged))
            text = f"line {numbers} of {log.name} cannot be read, and counts as never written"
            yield Finding(part, text, is_fault=False)
        if journal.is_half_written(log):
            text = f"{log.name} ends in a half-written line, which never happened"
            yield Finding(part, text, is_fault=False, mend=partial(journal.mend, log))


def _releases(paths: DataPaths) -> Iterator[Finding]:
    store, folder = ReleaseStore(paths.releases), paths.releases
    found = store.audit()
    try:
        versions = store.versions()
    except journal.DamagedLog:
        return  # `_logs` has said so; nothing can be compared
    cures: list[tuple[str, Callable[[], object]]] = [
        ("current ", partial(_point_again, folder)),
        ("history/", partial(_derive_again, folder)),
        ("the history after move", partial(history.latest, folder)),
        *((f"{v}: ", partial(integrity.protect, folder / v)) for v in versions),
    ]
    for texts, is_fault in ((found.faults, True), (found.warnings, False)):
        for text in texts:
            cure = next((c for begin, c in cures if text.startswith(begin)), None)
            yield Finding("releases", text, is_fault, cure)
    for version in versions:
        for text in integrity.changed_bytes(folder, version):
            yield Finding("releases", f"{version}: {text}. Roll back, or take it from a backup")
    if left := store.leftovers():
        text = f"left half-made or half-deleted: {', '.join(p.name for p in left)}"
        yield Finding("releases", text, False, store.remove_leftovers)


def _point_again(releases: Path) -> None:
    link = releases / pointer.CURRENT
    if link.exists() and not link.is_symlink():
        link.rename(releases / f".aside-{pointer.CURRENT}-{time.time_ns()}")
    pointer.recover(releases)


def _derive_again(releases: Path) -> None:
    """Where the last file is sound, an older one that is damaged is of no use to anybody."""
    ReleaseStore(releases).tidy_history()


def _blobs(paths: DataPaths) -> Iterator[Finding]:
    for blob in sorted(p for p in paths.blobs.glob("*/*") if not p.name.startswith(".")):
        if not blob.is_file() or blob_path(paths, blob.name) != blob:
            yield Finding("landing/blobs", f"{blob.relative_to(paths.blobs)} is no blob")
        elif sha256_of(blob) != blob.name:
            text = f"{blob.name} has other bytes than its name says: it is moved aside, and the"
            text += " next run that gets these bytes lands them again"
            yield Finding("landing/blobs", text, mend=partial(_aside, paths, blob))


def _receipts(paths: DataPaths) -> Iterator[Finding]:
    for path in sorted(paths.receipts.glob("*/*.json")):
        name = path.relative_to(paths.receipts)
        try:
            receipt = Receipt(**json.loads(path.read_text(encoding="utf-8")))
            is_there = blob_path(paths, receipt.sha256).exists()
        except (ValueError, TypeError) as error:
            text = f"{name} cannot be read ({error}): its source would fail in every run"
            yield Finding("landing/receipts", text, mend=partial(_aside, paths, path))
            continue
        if not is_there:
            text = f"{name} names bytes that are not there: {receipt.sha256}"
            yield Finding("landing/receipts", text, is_fault=False)


def _snapshots(paths: DataPaths) -> Iterator[Finding]:
    for path in sorted(paths.snapshots.glob("*.json")):
        try:
            snapshot = read_snapshot(paths, path.stem)
        except DamagedSnapshot as error:
            text = f"{error}; until then its source is read from what has landed"
            yield Finding("landing/snapshots", text, mend=partial(_aside, paths, path))
            continue
        for content in snapshot.contents if snapshot else ():
            if not blob_path(paths, content.sha256).exists():
                text = f"{path.name} names bytes that are not there: {content.sha256}."
                text += f" `wcn run --only {path.stem}` gets them again"
                yield Finding("landing/snapshots", text)


def _raw(paths: DataPaths) -> Iterator[Finding]:
    for folder in sorted(p for p in paths.raw.glob("*/*") if not p.name.startswith(".")):
        try:
            json.loads((folder / "facts.json").read_text(encoding="utf-8"))
            for table in ("table.parquet", "cells.parquet"):
                pq.ParquetFile(folder / table).close()
        except (OSError, ValueError, pa.ArrowException) as error:
            text = f"{folder.relative_to(paths.raw)} cannot be read ({error}): it is made again"
            text += " from the landed bytes"
            yield Finding("raw", text, mend=partial(shutil.rmtree, folder))


def _leftovers(paths: DataPaths) -> Iterator[Finding]:
    """Files that a process was writing under another name, of processes that must be dead."""
    places = [(paths.temporary, "*"), (paths.blobs, "*/.*"), (paths.raw, "*/.*")]
    places += [(paths.receipts, "*/.*"), (paths.snapshots, ".*")]
    for folder, pattern in places:
        for left in sorted(folder.glob(pattern)):
            if time.time() - left.lstat().st_mtime > UNDERWAY:
                text = f"{left.relative_to(folder)} was left there by a process that died"
                yield Finding(_part(paths, folder), text, False, partial(_delete, left))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        remove(path)
    else:
        path.unlink(missing_ok=True)


def _aside(paths: DataPaths, path: Path) -> None:
    """Out of the way, but not gone: somebody may want to look at it."""
    target = paths.root / "landing" / _DAMAGED / f"{path.parent.name}-{path.name}"
    target.parent.mkdir(parents=True, exist_ok=True)
    path.replace(target)


def _part(paths: DataPaths, path: Path) -> str:
    inside = path.relative_to(paths.root).parts
    return "/".join(inside[: 2 if inside[0] == "landing" else 1])
