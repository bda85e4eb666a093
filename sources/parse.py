"""Landed bytes → accepted cells in `data/raw`, made only where they are not there yet.

Belongs here: the order decode → conform → accept, its folder, and the identity of how bytes are
read. Does not belong here: getting bytes (`fetch`), or the three steps themselves.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq

from core.errors import ContentError, SourceError
from core.paths import DataPaths
from sources import accept, conform
from sources.catalog import table_hash
from sources.confined import confined
from sources.declarations import Source
from sources.formats import decode
from sources.landing import blob_path
from sources.receipt import Receipt
from sources.snapshot import Content


def parse(
    paths: DataPaths, source: Source, receipt: Receipt, progress: Callable[[str], None]
) -> Content:
    """The content of a receipt, decoded and conformed. Raises SourceError where it is refused."""
    content = Content(
        source_id=source.source_id,
        resource=receipt.resource,
        content_id=receipt.content_id,
        sha256=receipt.sha256,
        table=receipt.table,
        parse_version=parse_version(source, receipt.table),
        facts={},
        receipt=asdict(receipt),
    )
    folder = content.folder(paths)
    is_new = not (folder / "facts.json").exists()
    if is_new:
        progress(f"decoding {receipt.resource}")
        try:
            bounds = source.bounds_of(receipt.resource)
            confined(source.source_id, bounds.max_rows, _write, paths, source, content, folder)
        except (SourceError, MemoryError):
            raise
        # Parsers meet bytes that nobody foresaw.
        except Exception as error:
            raise ContentError(
                source.source_id,
                expected=f"{receipt.resource} as the declaration describes it",
                found=f"bytes that its reader cannot take ({type(error).__name__}: {error})",
                todo="look at the file; the last good content stays in use",
            ) from error
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    accept.accept(source, receipt.resource, source.tables[receipt.table], accept.Facts(**facts))
    return replace(content, facts=facts, is_new=is_new)


def _write(paths: DataPaths, source: Source, content: Content, folder: Path) -> None:
    table = source.tables[content.table]
    blob = blob_path(paths, content.sha256)
    bounds = source.bounds_of(content.resource)
    raw = decode(source.source_id, blob, table.format, bounds, paths.temporary)
    cells = conform.cells(source, content.resource, table, content.content_id, raw)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}")
    temporary.mkdir()
    pq.write_table(raw, temporary / "table.parquet", compression="zstd")
    pq.write_table(cells, temporary / "cells.parquet", compression="zstd")
    if source.role == "gazetteer":
        places = conform.places(source, table, content.content_id, raw)
        pq.write_table(places, temporary / "places.parquet", compression="zstd")
    counted = accept.facts(table, raw, cells)
    (temporary / "facts.json").write_text(json.dumps(counted.as_dict()), encoding="utf-8")
    try:
        temporary.rename(folder)
    except OSError:  # another process was quicker; its cells are the same
        shutil.rmtree(temporary)


def is_parsed(paths: DataPaths, source: Source, content: Content) -> bool:
    """Whether this content is there as today's declaration and code would read it."""
    current = content.table in source.tables and (
        parse_version(source, content.table) == content.parse_version
    )
    return current and (content.folder(paths) / "facts.json").exists()


def parse_version(source: Source, table: str) -> str:
    """Identity of how bytes are read: the map, what conform takes from the source, and the code."""
    read_by = f"{table_hash(source.tables[table])} {source.role} {source.spatial_unit}"
    return hashlib.sha256(f"{read_by} {source.freq} {_code()}".encode()).hexdigest()[:12]


@cache
def _code() -> str:
    here = Path(__file__).parent
    steps = [here / f"{name}.py" for name in ("binding", "conform", "accept")]
    files = [*sorted((here / "formats").glob("*.py")), *steps]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()
