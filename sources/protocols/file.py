"""A plain file at an address: the protocol of most open data.

Belongs here: getting each declared url, conditionally where we hold its bytes already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sources.declarations import LiveWay, Source
from sources.home import Home
from sources.http import HttpClient, Validators
from sources.landing import blob_path, land
from sources.receipt import Receipt, receipts


@dataclass(frozen=True)
class Live:
    """What a live fetch needs."""

    home: Home
    client: HttpClient
    progress: Callable[[str], None]


def fetch(live: Live, source: Source, way: LiveWay) -> Iterator[Receipt]:
    """One receipt per declared resource; the bytes are landed. Raises FetchError, LandingError."""
    for name, resource in way.resources.items():
        url = resource.url or ""
        known = last_receipt(live.home, source.source_id, name, url)
        live.home.temporary.mkdir(parents=True, exist_ok=True)
        answer = live.client.get(
            source.source_id,
            url,
            hosts=way.hosts,
            into=live.home.temporary,
            validators=Validators(known.etag, known.last_modified) if known else None,
            headers=way.headers,
            max_bytes=way.max_megabytes * 1_000_000,
            progress=_every_second(live.progress),
        )
        same = answer.path is None
        if same and known is not None:
            sha256, size = known.sha256, known.size
        else:
            assert answer.path is not None
            try:
                sha256, size = land(live.home, source.source_id, answer.path)
            finally:
                answer.path.unlink(missing_ok=True)
        yield Receipt(
            source_id=source.source_id,
            resource=name,
            way="live",
            table=resource.table or way.table,
            url=url,
            retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
            sha256=sha256,
            size=size,
            licence=source.licence,
            status=answer.status,
            etag=answer.headers.get("ETag") or (same and known and known.etag) or None,
            last_modified=answer.headers.get("Last-Modified")
            or (same and known and known.last_modified)
            or None,
        )


def last_receipt(home: Home, source_id: str, resource: str, url: str) -> Receipt | None:
    """The newest live receipt for an address whose bytes we still hold."""
    held = [
        r
        for r in receipts(home.receipts, source_id)
        if r.resource == resource and r.url == url and r.way == "live"
    ]
    return next((r for r in reversed(held) if blob_path(home, r.sha256).exists()), None)


def _every_second(say: Callable[[str], None]) -> Callable[[int, int | None], None]:
    """Progress in megabytes, at most once a second."""
    said = time.monotonic()

    def progress(done: int, total: int | None) -> None:
        nonlocal said
        if time.monotonic() - said >= 1:
            said = time.monotonic()
            say(f"{done / 1e6:.1f} MB" + (f" of {total / 1e6:.1f}" if total else ""))

    return progress
