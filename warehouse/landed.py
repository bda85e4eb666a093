"""Landed bytes, and what was decoded from them, that nothing needs any more.

Needed are: the contents of every release that is there, of every source's last snapshot and of the
build that is under way; and what a service gave last for each resource of a source, which its new
answers are compared with. Everything else can go, and comes back by a run that gets it again.

Belongs here: what is needed, and deleting the rest. Does not belong here: releases
(`releases.store`), broken files (`doctor`).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from core.paths import DataPaths
from releases.store import ReleaseStore
from sources.landing import blob_path
from sources.receipt import Receipt
from warehouse.doctor import UNDERWAY, Busy, alone


class Unreadable(Exception):
    """What is needed cannot be found out, so nothing is deleted; the message says why."""


@dataclass
class Spare:
    """What nothing needs: files and folders of the landing zone, and of `raw`."""

    receipts: list[Path] = field(default_factory=list)
    blobs: list[Path] = field(default_factory=list)
    raw: list[Path] = field(default_factory=list)
    size: int = 0
    """Bytes on disk, of all of them."""


@dataclass
class _Needed:
    blobs: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)
    parsed: set[tuple[str, str]] = field(default_factory=set)


def spare(paths: DataPaths) -> Spare:
    """What could go. Reads only. Raises Unreadable."""
    needed, found = _Needed(), Spare()
    for document in _documents(paths):
        for content in document:
            needed.blobs.add(content["sha256"])
            needed.contents.add(content["content_id"])
            needed.parsed.add((content["content_id"], content["parse_version"]))
    known = _receipts(paths)
    for receipt in _newest(known.values()):
        needed.blobs.add(receipt.sha256)
        needed.contents.add(receipt.content_id)
    # A pull lands bytes before it writes their receipt, and holds no lock of ours.
    settled = time.time() - UNDERWAY
    for blob in sorted(p for p in paths.blobs.glob("*/*") if not p.name.startswith(".")):
        if blob.name not in needed.blobs and blob.lstat().st_mtime < settled:
            found.blobs.append(blob)
    going = {b.name for b in found.blobs}
    found.receipts = sorted(
        p
        for p, r in known.items()
        if r.sha256 in going
        or (r.sha256 not in needed.blobs and not blob_path(paths, r.sha256).exists())
    )
    there = {r.content_id for r in known.values() if r.sha256 not in going}
    named = {content_id for content_id, _ in needed.parsed}
    for folder in sorted(p for p in paths.raw.glob("*/*") if not p.name.startswith(".")):
        content_id, parse_version = folder.parent.name, folder.name
        other_version = content_id in named and (content_id, parse_version) not in needed.parsed
        unknown = content_id not in needed.contents | there
        if (other_version or unknown) and folder.lstat().st_mtime < settled:
            found.raw.append(folder)
    inside = [p for folder in found.raw for p in folder.rglob("*")]
    files = [p for p in [*found.receipts, *found.blobs, *inside] if p.is_file()]
    found.size = sum(p.stat().st_size for p in files)
    return found


def prune(paths: DataPaths) -> Spare:
    """Delete what nothing needs; returns what went. Raises Busy, Unreadable."""
    with alone(paths), _no_pull(paths):
        going = spare(paths)
        # Receipts first: one that names bytes that are gone would be a fault.
        for path in [*going.receipts, *going.blobs]:
            path.unlink()
        for folder in going.raw:
            shutil.rmtree(folder)
        for folder in {p.parent for p in [*going.blobs, *going.raw]}:
            if not any(folder.iterdir()):
                folder.rmdir()
        return going


def _no_pull(paths: DataPaths) -> ExitStack:
    """The locks by which pulls exclude each other, one per host."""
    with ExitStack() as stack:
        for path in paths.spool.glob(".*.lock"):
            try:
                stack.enter_context(FileLock(path, timeout=0))
            except Timeout:
                raise Busy(f"a pull is running ({path.name}): try again when it is done") from None
        return stack.pop_all()


def _documents(paths: DataPaths) -> Iterator[list[dict[str, Any]]]:
    """The contents that each manifest and snapshot names."""
    store = ReleaseStore(paths.releases)
    manifests = [paths.releases / v / "manifest.json" for v in store.versions()]
    for path in [*manifests, paths.manifest, *sorted(paths.snapshots.glob("*.json"))]:
        if path == paths.manifest and not path.exists():
            continue
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            document = document.get("build", document)
            # A snapshot is of one source, a manifest of all.
            sources = document["sources"].values() if "sources" in document else [document]
            yield [content for source in sources for content in source["contents"]]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unreadable(_said(path, error)) from error


def _receipts(paths: DataPaths) -> dict[Path, Receipt]:
    found = {}
    for path in sorted(paths.receipts.glob("*/*.json")):
        try:
            receipt = Receipt(**json.loads(path.read_text(encoding="utf-8")))
            blob_path(paths, receipt.sha256)
            found[path] = receipt
        except (ValueError, TypeError) as error:
            raise Unreadable(_said(path, error)) from error
    return found


def _newest(known: Iterable[Receipt]) -> list[Receipt]:
    """The last live receipt of every resource. `known`: oldest first.

    What came otherwise is compared with nothing: it is read again where it came from.
    """
    last = {(r.source_id, r.resource): r for r in known if r.access_method == "live"}
    return list(last.values())


def _said(path: Path, error: Exception) -> str:
    return (
        f"{path} cannot be read ({error}), so what it needs is not known: nothing was deleted."
        " `wcn doctor` says what to do"
    )
