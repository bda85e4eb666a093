"""How a source is obtained: live, archive, shipped with the software, or what was accepted last.

Belongs here: the order of access methods, and falling back. Does not belong here: HTTP (`http`,
`protocols`), turning bytes into cells (`parse`), judging them (`accept`).
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from traceback import format_exception
from typing import Any

from core.errors import ContentError, DeclarationError, KeyMissing, SourceError, Unavailable
from core.files import is_full
from core.paths import DataPaths
from core.secrets import Secret, masked
from sources.access import AccessMethod, LiveAccess
from sources.archive_index import fault
from sources.declarations import Source
from sources.editions import newest, not_older
from sources.http import HttpClient
from sources.landing import ArchiveEntry, land
from sources.parse import parse
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
from sources.protocols.budget import Budget
from sources.protocols.live import LiveContext
from sources.receipt import Receipt, receipts
from sources.shipped import receipts_of_shipped
from sources.snapshot import Content, SourceSnapshot, nothing, store

_log = logging.getLogger("wcn.source")


@dataclass(frozen=True)
class FetchContext:
    """Everything that obtaining depends on beside the declaration."""

    paths: DataPaths
    client: HttpClient
    offline: bool = False
    archive: Mapping[str, list[ArchiveEntry]] | None = None
    """Of a resource with several editions, the newest is taken."""
    accepted: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Contents of the current release by source, as its manifest names them."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Content ids that a gate refused, with the reason."""
    broken: Mapping[str, DeclarationError] = field(default_factory=dict)
    """Sources whose file is broken: what is given here is their last good declaration."""
    progress: Callable[[str, str], None] = lambda _source_id, _text: None


def obtain(
    context: FetchContext, source: Source, passed_over: tuple[str, ...] = ()
) -> SourceSnapshot:
    """Try the access methods in order; the first acceptable content is the snapshot, and stored.

    Never raises for a source that disappoints, in whatever way: the failures stand in the snapshot.
    A required source without any content raises Unavailable. `passed_over`: what failed before this
    call.
    """
    failures = list(passed_over)
    if source.source_id in context.broken:
        failures.insert(0, str(context.broken[source.source_id]))
    snapshot: SourceSnapshot | None = None
    for attempt in _attempts(context, source, fresh=not passed_over):
        try:
            contents = tuple(_content(context, source, receipt) for receipt in attempt.get())
            _each_once(source, contents)
        except Exception as error:
            if is_full(error):  # no disappointment of this source: the next one has no room either
                raise
            name = "last accepted" if attempt.stale else attempt.access_method
            failures.append(f"{name}: {as_failure(source, error)}")
            continue
        snapshot = SourceSnapshot(
            source.source_id,
            attempt.access_method,
            attempt.stale,
            contents,
            tuple(failures),
            _now(),
        )
        break
    if snapshot is None:
        declared = source.access.declared()
        advice = "; give --archive, or try make recorded" if "archive" in declared else ""
        failures = failures or [
            f"it is declared for {', '.join(declared)}, which this run does not use{advice}"
        ]
        snapshot = nothing(source.source_id, failures)
    store(context.paths, snapshot)
    if snapshot.access_method is None and source.required:
        raise Unavailable(
            source.source_id,
            expected="content by one of its access methods (this source is required)",
            found=" | ".join(failures) or "no access method that this run may use",
            todo="mend one of them; the current release stays as it is",
        )
    return snapshot


def _each_once(source: Source, contents: tuple[Content, ...]) -> None:
    """Raise ContentError where the same bytes came twice as one resource: each row would count."""
    for resource, times in Counter(c.resource for c in contents).items():
        same = {c.content_id for c in contents if c.resource == resource}
        if len(same) < times:
            raise ContentError(
                source.source_id,
                expected=f"the bytes of {resource} once",
                found=f"the same bytes {times} times",
                todo="take the repeated line out of the archive index, or the repeated resource out"
                " of the declaration",
            )


def as_failure(source: Source, error: Exception) -> SourceError:
    """The error itself, or what no code foresaw: one source's failure too, and no other's."""
    if isinstance(error, SourceError):
        return error
    _log.error("%s: %s", source.source_id, masked("".join(format_exception(error))))
    return ContentError(
        source.source_id,
        expected="content that our code can read",
        found=f"{type(error).__name__}: {str(error)[:300]}",
        todo="report it with the traceback in the log; the last good content stays in use",
    )


@dataclass(frozen=True)
class _Attempt:
    access_method: AccessMethod
    stale: bool
    get: Callable[[], Iterable[Receipt]]


def _attempts(context: FetchContext, source: Source, *, fresh: bool) -> Iterator[_Attempt]:
    """What is tried, in order."""
    live = source.access.live
    accepted = context.accepted.get(source.source_id, [])
    method: AccessMethod = accepted[0]["receipt"]["access_method"] if accepted else "live"

    def last_accepted() -> list[Receipt]:
        return [Receipt(**a["receipt"]) for a in accepted]

    shipped = source.access.shipped()
    is_shipped = shipped is not None and method in ("bundled", "repository")

    if source.source_id in context.broken:
        # With the last good declaration goes what was accepted with it, and nothing newer.
        if accepted:
            yield _Attempt(method, True, last_accepted)
        return
    if context.archive is not None:
        if entries := newest(context.archive.get(source.source_id, [])):
            # What is shipped bears the day on which it was read, and no edition.
            held = [] if is_shipped else accepted
            yield _Attempt("archive", False, lambda: _archived(context, source, entries, held))
            fresh = fresh and not not_older(entries, held)[0]
    elif live and not context.offline:
        yield _Attempt("live", False, lambda: _live(context, source, live))
        fresh = False
    # What comes with the software is taken from there again: nothing about it has aged.
    if accepted and not is_shipped:
        stale = not fresh or (live is not None and method == "live")
        yield _Attempt(method, stale, last_accepted)
    if shipped:
        name, access = shipped
        yield _Attempt(
            name, False, lambda: receipts_of_shipped(context.paths, source, name, access)
        )
    if accepted and is_shipped:
        yield _Attempt(method, True, last_accepted)


PROTOCOLS: dict[str, Callable[[LiveContext, Source, Any], Iterable[Receipt]]] = {
    "file": file.fetch,
    "dated_file": dated_file.fetch,
    "worldbank": worldbank.fetch,
    "eurostat": eurostat.fetch,
    "sdmx": sdmx.fetch,
    "sparql": sparql.fetch,
    "opendatasoft": opendatasoft.fetch,
    "per_city": per_city.fetch,
}


def live_context(context: FetchContext, source: Source, access: LiveAccess) -> LiveContext:
    """What a protocol is given. Raises KeyMissing where the environment lacks a declared key."""
    secret = None
    if (key := access.key) is not None:
        if not (value := os.environ.get(key.env, "").strip()):
            raise KeyMissing(
                source.source_id,
                expected=f"a key of the service in the environment: needs {key.env}",
                found="none",
                todo=f"ask {source.homepage} for one and set {key.env}; other access methods go on",
            )
        secret = Secret(value, header=key.header, query=key.query)
    return LiveContext(
        context.paths,
        context.client,
        lambda text: context.progress(source.source_id, text),
        Budget.of(source.source_id, access),
        secret,
    )


def _live(context: FetchContext, source: Source, access: LiveAccess) -> Iterable[Receipt]:
    live = live_context(context, source, access)
    return PROTOCOLS[access.protocol](live, source, access)


def _archived(
    context: FetchContext,
    source: Source,
    entries: list[ArchiveEntry],
    held: list[dict[str, Any]],
) -> Iterator[Receipt]:
    taken, stays = not_older(entries, held)
    if not taken:
        raise ContentError(
            source.source_id,
            expected=f"an edition after {max(c['receipt']['retrieved_at'] for c in stays)}",
            found=f"one of {max(e.retrieved_at for e in entries)}, older than what is held",
            todo="nothing: what is held stays in use",
        )
    yield from (Receipt(**c["receipt"]) for c in stays)
    access = source.access.archive
    for entry in taken:
        if entry.fault is not None:
            raise entry.fault
        if not entry.file.is_file():
            raise ContentError(
                source.source_id,
                expected=f"the archived file {entry.file.name}",
                found="no such file",
                todo="check --archive-root",
            )
        sha256, size = land(context.paths, source.source_id, entry.file, promised=entry.sha256)
        table = access.table if access else next(iter(source.tables))
        if access and entry.resource in access.resources:
            table = access.resources[entry.resource].table or table
        if (table := entry.table or table) not in source.tables:
            known = f"in `table` one of {', '.join(sorted(source.tables))}"
            raise fault(source.source_id, entry.line, known, table)
        yield Receipt(
            source_id=source.source_id,
            resource=entry.resource,
            access_method="archive",
            table=table,
            url=entry.url,
            retrieved_at=entry.retrieved_at,
            sha256=sha256,
            size=size,
            licence=source.licence,
        )


def _content(context: FetchContext, source: Source, receipt: Receipt) -> Content:
    if reason := context.refused.get(receipt.content_id):
        raise ContentError(
            source.source_id,
            expected="content that passes the gates",
            found=f"content {receipt.content_id}, refused before: {reason}",
            todo="`wcn gate accept` lets a legitimate break through",
        )
    receipt = _first_receipt(context.paths, receipt)
    return parse(
        context.paths, source, receipt, lambda text: context.progress(source.source_id, text)
    )


def _first_receipt(paths: DataPaths, receipt: Receipt) -> Receipt:
    """Store the receipt; where nothing was transferred, the one that first brought the bytes."""
    known = receipts(paths.receipts, receipt.source_id)
    wanted = (receipt.content_id, receipt.access_method)
    same = [r for r in known if (r.content_id, r.access_method) == wanted]
    if same and receipt.access_method != "live":
        return same[0]
    if receipt not in same:
        receipt.write(paths.receipts)
    return receipt


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
