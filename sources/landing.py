"""The landing zone: bytes stored once, by content, and the archive form in which they travel.

Belongs here: blobs, what was left half-written on the way to one, and reading and writing an
archive index. Does not belong here: how bytes are got (`fetch`, `http`), what they mean
(`formats`), what a line of an index may say (`archive_index`).
"""

from __future__ import annotations

import csv
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import ChecksumMismatch, ContentError
from core.files import is_sha256, sha256_of
from core.paths import DataPaths, inside
from sources.archive_index import fault, judged
from sources.receipt import Receipt

INDEX_COLUMNS = ("source", "resource", "table", "url", "file", "sha256", "retrieved_at")
# In seconds: longer than anybody writes at one file. An exchange with a server ends after 5 minutes
# (`HttpSettings.total_timeout`), and so does the reading of a file.
LEFT_OVER = 3600.0


def blob_path(paths: DataPaths, sha256: str) -> Path:
    """Where a blob lies, whether or not it is there. Raises ValueError for what is no SHA-256."""
    if not is_sha256(sha256):
        raise ValueError(f"{sha256[:100]!a} is no SHA-256: 64 hexadecimal digits")
    return inside(paths.blobs, sha256[:2], sha256)


def land(
    paths: DataPaths, source_id: str, path: Path, *, promised: str | None = None
) -> tuple[str, int]:
    """Store a file by its content; returns its SHA-256 and size in bytes.

    Raises ChecksumMismatch when the index promised another hash, ContentError for an empty file.
    """
    size = path.stat().st_size
    if size == 0:
        raise ContentError(
            source_id,
            expected="data",
            found=f"an empty file ({path.name})",
            todo="look at the publisher's page; the last good content stays in use",
        )
    sha256 = sha256_of(path)
    if promised and sha256 != promised:
        raise ChecksumMismatch(
            source_id,
            expected=f"SHA-256 {promised[:16]}… for {path.name}, as the index says",
            found=f"{sha256[:16]}…",
            todo="copy the file again, or correct the archive index",
        )
    target = blob_path(paths, sha256)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{sha256}.{uuid.uuid4().hex[:6]}")
        shutil.copyfile(path, temporary)
        temporary.chmod(0o444)
        temporary.replace(target)
    return sha256, size


def remove_leftovers(paths: DataPaths) -> int:
    """Delete what runs that died left half-written; returns the number of files and folders.

    Other processes may be downloading just now: only what was last written an hour ago goes.
    """
    before, removed = time.time() - LEFT_OVER, 0
    places = (
        *paths.temporary.glob("*"),
        *paths.blobs.glob("*/.*"),
        *paths.raw.glob("*/.*"),
    )
    for path in places:
        try:
            if path.lstat().st_mtime >= before:
                continue
        except FileNotFoundError:  # another process has just finished it
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed += 1
    return removed


@dataclass(frozen=True)
class ArchiveEntry:
    """One line of an archive index; where it has a `fault`, nothing else of it may be used."""

    source: str
    resource: str
    table: str | None
    url: str
    file: Path
    sha256: str
    retrieved_at: str
    line: int
    fault: ContentError | None = None


def read_index(index: Path, root: Path) -> dict[str, list[ArchiveEntry]]:
    """The entries of an archive index by source; files must lie under `root`.

    What is wrong with a line is the `fault` of its entry, for its source. Raises ContentError where
    the whole is no index.
    """
    try:
        with index.open(encoding="utf-8-sig", newline="") as stream:
            return _entries(index, root, stream)
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_index(f"{index.name}, which cannot be read as CSV in UTF-8 ({error})") from error


def _no_index(found: str) -> ContentError:
    return ContentError(
        "archive",
        expected=f"an index with the columns {', '.join(INDEX_COLUMNS)}",
        found=found,
        todo="give --archive an index that `wcn archive` or a person wrote in this form",
    )


def _entries(index: Path, root: Path, stream: Iterable[str]) -> dict[str, list[ArchiveEntry]]:
    # Strict: a quotation mark that is never closed would take all further lines for one text.
    reader = csv.DictReader(stream, strict=True)
    if not {*INDEX_COLUMNS} - {"table"} <= set(reader.fieldnames or ()):
        raise _no_index(f"{', '.join(reader.fieldnames or ['nothing'])} in {index.name}")
    entries: dict[str, list[ArchiveEntry]] = {}
    for row in reader:
        entry = _entry(row, reader.line_num, root.resolve())
        entries.setdefault(entry.source, []).append(entry)
    return entries


def _entry(row: dict[str | None, str], number: int, root: Path) -> ArchiveEntry:
    line = judged(row, number)
    if not isinstance(line, ContentError):
        path = (root / line.file).resolve()
        if path.is_relative_to(root):
            given = (line.source, line.resource, line.table or None, line.url, path)
            return ArchiveEntry(*given, line.sha256, line.retrieved_at, number)
        found = ascii(line.file[:100])
        if Path(os.path.normpath(root / line.file)).is_relative_to(root):
            found += ", a link that leads out of it: copy the file there"
        line = fault(line.source, number, "a file under the archive root", found)
    return ArchiveEntry(line.source_id, "", None, "", root, "", "", number, line)


def export(paths: DataPaths, receipts: Iterable[Receipt], folder: Path) -> Path:
    """Copy the blobs of some receipts into a folder with an `index.csv`; returns the index.

    Raises ValueError for a receipt whose names could not be those of files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.csv"
    with index.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(INDEX_COLUMNS)
        for r in sorted(receipts, key=lambda r: (r.source_id, r.resource)):
            target = inside(folder, r.source_id, f"{r.resource}-{r.sha256[:12]}")
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(blob_path(paths, r.sha256), target)
            name = f"{r.source_id}/{target.name}"
            writer.writerow(
                (r.source_id, r.resource, r.table, r.url, name, r.sha256, r.retrieved_at)
            )
    return index
