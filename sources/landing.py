"""The landing zone: bytes stored once, by content, and the archive form in which they travel.

Belongs here: blobs, and reading and writing an archive index. Does not belong here: how bytes are
got (`fetch`, `http`) or what they mean (`formats`).
"""

from __future__ import annotations

import csv
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.errors import ChecksumMismatch, ContentError
from core.files import sha256_of
from core.paths import DataPaths
from sources.receipt import Receipt

INDEX_COLUMNS = ("source", "resource", "table", "url", "file", "sha256", "retrieved_at")


def blob_path(paths: DataPaths, sha256: str) -> Path:
    """Where a blob lies, whether or not it is there."""
    return paths.blobs / sha256[:2] / sha256


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


@dataclass(frozen=True)
class ArchiveEntry:
    """One line of an archive index."""

    source: str
    resource: str
    table: str | None
    url: str
    file: Path
    sha256: str
    retrieved_at: str


def read_index(index: Path, root: Path) -> dict[str, list[ArchiveEntry]]:
    """The entries of an archive index by source; files must lie under `root`.

    Raises ContentError for a path that leaves the root or an index of another form.
    """
    with index.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if not {*INDEX_COLUMNS} - {"table"} <= set(reader.fieldnames or ()):
            raise ContentError(
                "archive",
                expected=f"an index with the columns {', '.join(INDEX_COLUMNS)}",
                found=f"{', '.join(reader.fieldnames or ['nothing'])} in {index.name}",
                todo="give --archive an index that `wcn archive` or a person wrote in this form",
            )
        entries: dict[str, list[ArchiveEntry]] = {}
        for row in reader:
            path = (root / row["file"]).resolve()
            if not path.is_relative_to(root.resolve()):
                raise ContentError(
                    row["source"],
                    expected="a file under the archive root",
                    found=row["file"],
                    todo="correct the archive index",
                )
            entry = ArchiveEntry(
                source=row["source"],
                resource=row["resource"],
                table=row.get("table") or None,
                url=row["url"],
                file=path,
                sha256=row["sha256"],
                retrieved_at=row["retrieved_at"],
            )
            entries.setdefault(entry.source, []).append(entry)
    return entries


def export(paths: DataPaths, receipts: Iterable[Receipt], folder: Path) -> Path:
    """Copy the blobs of some receipts into a folder with an `index.csv`; returns the index."""
    folder.mkdir(parents=True, exist_ok=True)
    index = folder / "index.csv"
    with index.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(INDEX_COLUMNS)
        for r in sorted(receipts, key=lambda r: (r.source_id, r.resource)):
            name = f"{r.source_id}/{r.resource}-{r.sha256[:12]}"
            (folder / r.source_id).mkdir(exist_ok=True)
            shutil.copyfile(blob_path(paths, r.sha256), folder / name)
            writer.writerow(
                (r.source_id, r.resource, r.table, r.url, name, r.sha256, r.retrieved_at)
            )
    return index
