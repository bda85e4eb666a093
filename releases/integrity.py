"""Whether one release is what was published: its files, byte by byte, and how they are protected.

Belongs here: one release. Does not belong here: the pointer, the history and which releases there
should be (`audit`); what its tables hold (`store`).
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.files import sha256_of
from releases import ledger, pointer

MANIFEST = "manifest.json"
FIGURES = "parquet/fct_observation.parquet"
WAREHOUSE = "warehouse.duckdb"
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def manifest(releases: Path, version: str) -> dict[str, Any]:
    """The manifest of one release.

    Raises FileNotFoundError where there is none, ValueError where it cannot be read as one.
    """
    path = releases / version / MANIFEST
    document = json.loads(path.read_text(encoding="utf-8"))
    is_one = isinstance(document, dict) and isinstance(document.get("tables"), dict)
    if not is_one or not isinstance(document.get("files"), dict):
        raise ValueError(f"{path} is not the manifest of a release")
    return document  # type: ignore[no-any-return]


def changed_bytes(releases: Path, version: str) -> list[str]:
    """Files of a release that are missing, changed, added or replaced by links."""
    folder = releases / version
    if folder.is_symlink():
        return [f"the folder is a link to {folder.readlink()}"]
    try:
        files = manifest(releases, version)["files"]
    except (ValueError, FileNotFoundError) as error:
        return [f"{MANIFEST} cannot be read: {error}"]
    faults, there = list[str](), set[str]()
    for path in _within(folder):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            faults.append(f"{name} is a link to {path.readlink()}")
        elif path.is_file():
            there.add(name)
        elif not path.is_dir():
            faults.append(f"{name} is neither a file nor a folder")
    linked = {f.partition(" is a link")[0] for f in faults}
    faults += [f"{f} is missing" for f in sorted(set(files) - there - linked)]
    promised = _promised(releases, version)
    if promised - {sha256_of(folder / MANIFEST)}:
        faults.append(f"{MANIFEST} is not the one that was published")
    faults += [f"{f} was added" for f in sorted(there - set(files) - {MANIFEST})]
    faults += [
        f"{f} has changed"
        for f, digest in files.items()
        if f in there and sha256_of(folder / f) != digest
    ]
    return faults


def is_as_published(releases: Path, version: str, file: str) -> bool:
    """Whether one file of a release is there, and is what was published."""
    path, own = releases / version / file, releases / version / MANIFEST
    try:
        digest = manifest(releases, version)["files"][file]
        sound = _promised(releases, version) <= {sha256_of(own)}
        return sound and not path.is_symlink() and sha256_of(path) == digest
    except (OSError, ValueError, KeyError):
        return False


def unprotected(releases: Path, version: str) -> list[str]:
    """Files and folders of a release that somebody may write to."""
    folder = releases / version
    return [
        f"{path.relative_to(folder)} may be written to"
        for path in _within(folder)
        if not path.is_symlink() and path.stat().st_mode & _WRITABLE
    ]


def protect(folder: Path) -> None:
    """Take the right to write from everything in a release."""
    for path in sorted(_within(folder), reverse=True):
        if not path.is_symlink():
            path.chmod(0o555 if path.is_dir() else 0o444)


def _promised(releases: Path, version: str) -> set[str]:
    """SHA-256 that the manifest has by the log of moves and by the ledger."""
    said = {m.manifest_sha256 for m in pointer.moves(releases) if m.version == version}
    said.add(ledger.read(releases).releases.get(version))
    return {digest for digest in said if digest is not None}


def _within(folder: Path) -> Iterator[Path]:
    """Everything in a folder; links are not followed."""
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _within(path)
