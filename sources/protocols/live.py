"""What every live fetch has in common: its context, one file at one address, its receipt.

Belongs here: conditional fetching and landing of a single answer. Does not belong here: what a
family of services means by its answers (`worldbank`, `eurostat`, …), many answers (`pages`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import ContentError
from core.paths import DataPaths
from core.secrets import Secret
from sources.access import LiveAccess, Resource
from sources.conditions import Validators
from sources.declarations import Source
from sources.http import Answer, HttpClient
from sources.landing import blob_path, land
from sources.protocols.budget import Budget
from sources.receipt import Receipt, receipts

NO_DATA = "no data"
Judge = Callable[[Path, int], str | None]
"""Looks at a body and its status; None for data, `NO_DATA`, or raises."""


@dataclass(frozen=True)
class LiveContext:
    """What a live fetch needs beside the declaration."""

    paths: DataPaths
    client: HttpClient
    progress: Callable[[str], None]
    budget: Budget
    secret: Secret | None = None
    sample: DataPaths | None = None
    """Of many answers only the first is wanted; where it is about a city, one that this data home
    knows. None: all answers."""


def one_file(
    live: LiveContext,
    source: Source,
    access: LiveAccess,
    name: str,
    resource: Resource,
    *,
    answers: Collection[int] = (),
    retry_when: Callable[[Path, int], str | None] | None = None,
    judge: Judge | None = None,
) -> Receipt | None:
    """One answer, landed as it came; None where the service has no data.

    Asked for conditionally where we hold its bytes. Raises FetchError, LandingError.
    """
    url = resource.url or ""
    known = last_receipt(live.paths, source.source_id, name, url)
    live.paths.temporary.mkdir(parents=True, exist_ok=True)
    live.budget.ask()
    answer = live.client.get(
        source.source_id,
        url,
        hosts=access.hosts,
        into=live.paths.temporary,
        validators=Validators(known.etag, known.last_modified) if known else None,
        headers=access.headers,
        secret=live.secret,
        answers=answers,
        retry_when=retry_when,
        read_timeout=access.read_timeout,
        max_bytes=access.max_megabytes * 1_000_000,
        progress=_every_second(live.progress),
        says=live.progress,
    )
    if answer.path is None:
        assert known is not None
        live.budget.got(0)
        return _receipt(source, access, name, resource, answer, known.sha256, known.size, known)
    try:
        live.budget.got(answer.path.stat().st_size)
        if judge and judge(answer.path, answer.status) == NO_DATA:
            return None
        sha256, size = land(live.paths, source.source_id, answer.path)
    finally:
        answer.path.unlink(missing_ok=True)
    return _receipt(source, access, name, resource, answer, sha256, size, None)


def _receipt(
    source: Source,
    access: LiveAccess,
    name: str,
    resource: Resource,
    answer: Answer,
    sha256: str,
    size: int,
    same: Receipt | None,
) -> Receipt:
    headers = answer.headers
    return Receipt(
        source_id=source.source_id,
        resource=name,
        access_method="live",
        table=resource.table or access.table,
        url=resource.url or "",
        retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=sha256,
        size=size,
        licence=source.licence,
        status=answer.status,
        etag=headers.get("ETag") or (same.etag if same else None),
        last_modified=headers.get("Last-Modified") or (same.last_modified if same else None),
    )


def without_data(
    live: LiveContext, source: Source, name: str, resource: Resource, said: str
) -> None:
    """Accept that a resource has no data where it is declared so; else raise ContentError."""
    if resource.may_be_empty:
        live.progress(f"{name}: no data")
        return
    raise ContentError(
        source.source_id,
        expected=f"data for {name} ({resource.url})",
        found=said,
        todo="check the codes in the address; `may_be_empty: true` if it may have none",
    )


def last_receipt(paths: DataPaths, source_id: str, resource: str, url: str) -> Receipt | None:
    """The newest live receipt for an address whose bytes we still hold."""
    held = [
        r
        for r in receipts(paths.receipts, source_id)
        if r.resource == resource and r.url == url and r.access_method == "live"
    ]
    return next((r for r in reversed(held) if blob_path(paths, r.sha256).exists()), None)


def _every_second(say: Callable[[str], None]) -> Callable[[int, int | None], None]:
    """Progress in megabytes, at most once a second."""
    said = time.monotonic()

    def progress(done: int, total: int | None) -> None:
        nonlocal said
        if time.monotonic() - said >= 1:
            said = time.monotonic()
            say(f"{done / 1e6:.1f} MB" + (f" of {total / 1e6:.1f}" if total else ""))

    return progress
