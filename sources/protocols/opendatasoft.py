"""Opendatasoft's Explore API 2.1: `/records` in pages, or `/exports/json` in one file.

Belongs here: paging up to the limit of the service. Does not belong here: reading the records.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import ContentError, FetchError, StatusError
from sources.access import OpendatasoftAccess, Resource
from sources.declarations import Source
from sources.protocols.live import LiveContext, one_file
from sources.protocols.pages import Question, ask, json_or_fault, land_lines
from sources.receipt import Receipt

LIMIT = 10_000
_ANSWERS = (400, 404)


def fetch(live: LiveContext, source: Source, access: OpendatasoftAccess) -> Iterator[Receipt]:
    """One receipt per resource. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():
        url = resource.url or ""
        if "/exports/" in url:
            yield _export(live, source, access, name, resource)
        else:
            lines = list(_pages(live, source, access, name, url))
            yield land_lines(live, source, access, name, resource.table, url, lines)


def _export(
    live: LiveContext, source: Source, access: OpendatasoftAccess, name: str, resource: Resource
) -> Receipt:
    def judge(path: Path, status: int) -> None:
        if status != 200:
            raise _refusal(source, resource.url or "", status, path.read_text(errors="replace"))

    receipt = one_file(
        live,
        source,
        access,
        name,
        resource,
        answers=_ANSWERS,
        retry_when=json_or_fault,
        judge=judge,
    )
    assert receipt is not None
    return receipt


def _pages(
    live: LiveContext, source: Source, access: OpendatasoftAccess, name: str, base: str
) -> Iterator[dict[str, Any]]:
    seen, total = 0, 1
    while seen < total:
        sign = "&" if "?" in base else "?"
        url = f"{base}{sign}limit={access.per_page}&offset={seen}"
        line = ask(live, source, access, Question(url), answers=_ANSWERS, retry_when=json_or_fault)
        if line["status"] != 200:
            raise _refusal(source, url, line["status"], line["body"])
        document = json.loads(line["body"])
        if not (
            isinstance(document, dict)
            and isinstance(document.get("total_count"), int)
            and isinstance(document.get("results"), list)
        ):
            raise _fault(source, f"`total_count` and `results` ({url})", str(document)[:120])
        total = int(document["total_count"])
        if total > LIMIT:
            raise _fault(source, f"at most {LIMIT:,} records ({url})", f"{total:,}")
        if not document["results"]:
            raise _fault(source, f"{total} records ({base})", f"{seen}, then an empty page")
        seen += len(document["results"])
        live.progress(f"{name}: {seen} of {total}")
        yield line
        if live.sample:
            return


def _refusal(source: Source, url: str, status: int, body: str) -> FetchError:
    return _fault(source, f"status 200 ({url})", f"status {status}, {body[:160]!r}", StatusError)


def _fault(
    source: Source, expected: str, found: str, kind: type[FetchError] = ContentError
) -> FetchError:
    return kind(
        source.source_id,
        expected=expected,
        found=found,
        todo="check dataset and query in the address; beyond its limit use /exports/json",
    )
