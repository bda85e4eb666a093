"""How a source is obtained: live, archive, bundled, or what we accepted last.

Belongs here: the order of ways, falling back, and turning landed bytes into accepted cells.
Does not belong here: HTTP (`http`, `protocols`), decoding (`formats`), judging (`accept`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sources import accept, conform
from sources.catalog import table_hash
from sources.declarations import Source
from sources.errors import ContentError, KeyMissing, SourceError, Unavailable
from sources.formats import decode
from sources.home import Home
from sources.http import HttpClient
from sources.landing import ArchiveEntry, blob_path, land
from sources.offers import Content, Offer, store
from sources.protocols import (
    dated_file,
    eurostat,
    file,
    opendatasoft,
    per_city,
    sdmx,
    sparql,
    worldbank,
)
from sources.protocols.live import Live
from sources.receipt import Receipt, WayName, receipts
from sources.secret import Secret
from sources.ways import BundledWay, Key, LiveWay


@dataclass(frozen=True)
class Supply:
    """Everything that obtaining depends on beside the declaration."""

    home: Home
    client: HttpClient
    offline: bool = False
    archive: Mapping[str, list[ArchiveEntry]] | None = None
    accepted: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Contents of the current release by source, as its manifest names them."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Content ids that a gate refused, with the reason."""
    progress: Callable[[str, str], None] = lambda _source_id, _text: None


def obtain(supply: Supply, source: Source, passed_over: tuple[str, ...] = ()) -> Offer:
    """Try the ways in order; the first acceptable content is the offer, which is also stored.

    Never raises for a source that disappoints: the failures stand in the offer. A required source
    without any content raises Unavailable. `passed_over`: what failed before this call.
    """
    failures = list(passed_over)
    offer: Offer | None = None
    for way, stale, got in _ways(supply, source, fresh=not passed_over):
        try:
            contents = tuple(_read(supply, source, receipt) for receipt in got())
            offer = Offer(source.source_id, way, stale, contents, tuple(failures), _now())
            break
        except SourceError as error:
            failures.append(f"{'last accepted' if stale else way}: {error}")
    if offer is None:
        declared = [n for n in ("live", "archive", "bundled") if getattr(source.ways, n)]
        advice = "; give --archive, or try make recorded" if "archive" in declared else ""
        failures = failures or [
            f"its only ways are {', '.join(declared)}, which this run does not use{advice}"
        ]
        offer = Offer(source.source_id, None, False, (), tuple(failures), _now())
    store(supply.home, offer)
    if offer.way is None and source.required:
        raise Unavailable(
            source.source_id,
            expected="content from one of its ways (this source is required)",
            found=" | ".join(failures) or "no way that this run may use",
            todo="mend one of the ways; the current release stays as it is",
        )
    return offer


_Got = Callable[[], Iterable[Receipt]]
_Way = tuple[WayName, bool, _Got]


def _ways(supply: Supply, source: Source, *, fresh: bool) -> Iterator[_Way]:
    """The ways in the order in which they are tried, with whether they are stale."""
    live, bundled = source.ways.live, source.ways.bundled
    if supply.archive is not None:
        if entries := supply.archive.get(source.source_id):
            yield "archive", False, lambda: _archived(supply, source, entries)
            fresh = False
    elif live and not supply.offline:
        yield "live", False, lambda: _live(supply, source, live)
        fresh = False
    accepted = supply.accepted.get(source.source_id, [])
    way: WayName = accepted[0]["receipt"]["way"] if accepted else "live"

    def held() -> list[Receipt]:
        return [Receipt(**a["receipt"]) for a in accepted]

    # What came out of a package is taken from the package again: nothing about it has aged.
    if accepted and not (bundled and way == "bundled"):
        yield way, not fresh or (live is not None and way == "live"), held
    if bundled:
        yield "bundled", False, lambda: _bundled(supply, source, bundled)
    if accepted and bundled and way == "bundled":
        yield way, True, held


_PROTOCOLS: dict[str, Callable[[Live, Source, Any], Iterable[Receipt]]] = {
    "file": file.fetch,
    "dated_file": dated_file.fetch,
    "worldbank": worldbank.fetch,
    "eurostat": eurostat.fetch,
    "sdmx": sdmx.fetch,
    "sparql": sparql.fetch,
    "opendatasoft": opendatasoft.fetch,
    "per_city": per_city.fetch,
}


def live_context(supply: Supply, source: Source, key: Key | None) -> Live:
    """What a protocol is given. Raises KeyMissing where the environment lacks a declared key."""
    secret = None
    if key is not None:
        if not (value := os.environ.get(key.env, "").strip()):
            raise KeyMissing(
                source.source_id,
                expected=f"a key of the service in the environment: needs {key.env}",
                found="none",
                todo=f"ask {source.homepage} for one and set {key.env}; the other ways go on",
            )
        secret = Secret(value, header=key.header, query=key.query)
    return Live(
        supply.home,
        supply.client,
        lambda text: supply.progress(source.source_id, text),
        secret,
    )


def _live(supply: Supply, source: Source, way: LiveWay) -> Iterable[Receipt]:
    return _PROTOCOLS[way.protocol](live_context(supply, source, way.key), source, way)


def _archived(supply: Supply, source: Source, entries: list[ArchiveEntry]) -> Iterator[Receipt]:
    for entry in entries:
        if not entry.file.is_file():
            raise ContentError(
                source.source_id,
                expected=f"the archived file {entry.file.name}",
                found="no such file",
                todo="check --archive-root",
            )
        sha256, size = land(supply.home, source.source_id, entry.file, promised=entry.sha256)
        way = source.ways.archive
        declared = way.table if way else next(iter(source.tables))
        if way and entry.resource in way.resources:
            declared = way.resources[entry.resource].table or declared
        yield Receipt(
            source_id=source.source_id,
            resource=entry.resource,
            way="archive",
            table=entry.table or declared,
            url=entry.url,
            retrieved_at=entry.retrieved_at,
            sha256=sha256,
            size=size,
            licence=source.licence,
        )


def _bundled(supply: Supply, source: Source, way: BundledWay) -> Iterator[Receipt]:
    # The package's code is not run: its folder is found, and a file read out of it.
    spec = find_spec(way.package)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for name, resource in way.resources.items():
        path = Path(folders[0]) / (resource.path or "") if folders else None
        if path is None or not path.is_file():
            raise ContentError(
                source.source_id,
                expected=f"{resource.path} in the installed package {way.package}",
                found="no such file" if path else "no such package",
                todo="install the locked requirements again",
            )
        sha256, size = land(supply.home, source.source_id, path)
        yield Receipt(
            source_id=source.source_id,
            resource=name,
            way="bundled",
            table=resource.table or way.table,
            url=f"package:{way.package}/{resource.path}",
            retrieved_at=_now(),
            sha256=sha256,
            size=size,
            licence=source.licence,
        )


def _read(supply: Supply, source: Source, receipt: Receipt) -> Content:
    """Landed bytes → accepted cells in `data/raw`, decoded only if they are not there yet."""
    if reason := supply.refused.get(receipt.content_id):
        raise ContentError(
            source.source_id,
            expected="content that passes the gates",
            found=f"content {receipt.content_id}, refused before: {reason}",
            todo="`wcn gate accept` lets a legitimate break through",
        )
    receipt = _keep(supply.home, receipt)
    reading = reading_id(source, receipt.table)
    content = Content(
        source_id=source.source_id,
        resource=receipt.resource,
        content_id=receipt.content_id,
        sha256=receipt.sha256,
        table=receipt.table,
        reading=reading,
        facts={},
        receipt=asdict(receipt),
    )
    folder = content.folder(supply.home)
    anew = not (folder / "facts.json").exists()
    if anew:
        supply.progress(source.source_id, f"decoding {receipt.resource}")
        try:
            _decode(supply.home, source, content, folder)
        except (SourceError, KeyboardInterrupt, SystemExit, MemoryError):
            raise
        # Parsers meet bytes that nobody foresaw; a panic in a native one is no Exception even.
        except BaseException as error:
            raise ContentError(
                source.source_id,
                expected=f"{receipt.resource} as the declaration describes it",
                found=f"bytes that its reader cannot take ({type(error).__name__}: {error})",
                todo="look at the file; the last good content stays in use",
            ) from error
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    table = source.tables[receipt.table]
    accept.accept(source, receipt.resource, table, accept.Facts(**facts))
    return Content(**{**asdict(content), "facts": facts, "decoded_anew": anew})


def _keep(home: Home, receipt: Receipt) -> Receipt:
    """Store the receipt; where nothing was transferred, the one that first brought the bytes."""
    known = receipts(home.receipts, receipt.source_id)
    same = [r for r in known if (r.content_id, r.way) == (receipt.content_id, receipt.way)]
    if same and receipt.way != "live":
        return same[0]
    if not (same and receipt in same):
        receipt.write(home.receipts)
    return receipt


def _decode(home: Home, source: Source, content: Content, folder: Path) -> None:
    table = source.tables[content.table]
    blob = blob_path(home, content.sha256)
    raw = decode(source.source_id, blob, table.format, home.temporary)
    cells = conform.cells(source, content.resource, table, content.content_id, raw)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:6]}")
    temporary.mkdir()
    pq.write_table(raw, temporary / "table.parquet", compression="zstd")
    pq.write_table(cells, temporary / "cells.parquet", compression="zstd")
    if source.role == "gazetteer":
        places = conform.places(source, table, content.content_id, raw)
        pq.write_table(places, temporary / "places.parquet", compression="zstd")
    counted = accept.facts(raw, cells)
    (temporary / "facts.json").write_text(json.dumps(counted.as_dict()), encoding="utf-8")
    try:
        temporary.rename(folder)
    except OSError:  # another process was quicker; its reading is the same
        shutil.rmtree(temporary)


def reading_id(source: Source, table: str) -> str:
    """Identity of how bytes are read: the map, what conform takes from the source, and the code."""
    said = f"{table_hash(source.tables[table])} {source.role} {source.spatial_unit} {source.freq}"
    return hashlib.sha256(f"{said} {_code()}".encode()).hexdigest()[:12]


@cache
def _code() -> str:
    here = Path(__file__).parent
    files = [*sorted((here / "formats").glob("*.py")), here / "conform.py", here / "accept.py"]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
