"""Eurostat's dissemination API: JSON-stat of the statistics service, SDMX-CSV of the SDMX one.

An answer may be gzip without saying so. What is too much at once is put into a queue, and answered
with its number there, or refused; then spans of years are asked for, down to one year.

Belongs here: its way to answer without data, and in parts. Does not belong here: reading
(`formats`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import ContentError, FetchError, StatusError
from sources.access import EurostatAccess, Resource
from sources.declarations import Source
from sources.formats.zipped import unzipped
from sources.protocols.live import NO_DATA, LiveContext, one_file, without_data
from sources.protocols.pages import Question, ask, land_texts
from sources.receipt import Receipt

_ANSWERS = (400, 404, 413)
_QUEUED = re.compile(r"\s*\"?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\"?\s*", re.I)


class _TooMuch(ContentError):
    """More than the service gives in one answer."""


def fetch(live: LiveContext, source: Source, access: EurostatAccess) -> Iterator[Receipt]:
    """One receipt per resource that has data. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():
        url = resource.url or ""

        def judge(path: Path, status: int, url: str = url) -> str | None:
            with unzipped(source.source_id, path, None, live.paths.temporary) as plain:
                return _judged(source, url, plain.read_bytes(), status)

        try:
            receipt = one_file(live, source, access, name, resource, answers=_ANSWERS, judge=judge)
        except _TooMuch:
            if "/sdmx/" not in url:
                raise
            receipt = _in_parts(live, source, access, name, resource)
        if receipt is None:
            without_data(live, source, name, resource, "NO_RESULTS")
        else:
            yield receipt


def _in_parts(
    live: LiveContext, source: Source, access: EurostatAccess, name: str, resource: Resource
) -> Receipt | None:
    """All parts as the one file that they are parts of: the header once."""
    url = resource.url or ""
    first = int((re.search(r"\d{4}", source.reference_period) or ["1990"])[0])
    spans = [(first, datetime.now(UTC).year)]
    # Beyond the first and the last year nothing is known: those spans are open.
    open_ends = {first: "", spans[0][1]: ""}
    texts: list[str] = []
    while spans:
        since, until = spans.pop(0)
        span = f"&startPeriod={since}" if since not in open_ends else ""
        span += f"&endPeriod={until}" if until not in open_ends else ""
        part = f"{url}{span}"
        live.progress(f"{name}: {since} to {until}")
        line = ask(live, source, access, Question(part), answers=_ANSWERS)
        try:
            if _judged(source, part, line["body"].encode(), line["status"]) != NO_DATA:
                texts.append(line["body"])
        except _TooMuch:
            if since == until:
                raise
            middle = (since + until) // 2
            spans[:0] = [(since, middle), (middle + 1, until)]
    if not texts:
        return None
    return land_texts(live, source, access, name, resource.table, url, _joined(source, url, texts))


def _joined(source: Source, url: str, texts: list[str]) -> Iterator[str]:
    header = texts[0].partition("\n")[0]
    yield header + "\n"
    for text in texts:
        own, _, rows = text.partition("\n")
        if own != header:
            raise _fault(source, url, f"parts with the headers {header[:80]!r} and {own[:80]!r}")
        yield rows if rows.endswith("\n") else rows + "\n"


def _judged(source: Source, url: str, body: bytes, status: int) -> str | None:
    head = body[:4000].decode("utf-8", "replace")
    if status == 413 or "EXTRACTION_TOO_BIG" in head:
        raise _too_much(source, url, f"status {status}, {head[:160]!r}")
    if status == 200 and (_QUEUED.fullmatch(head) or "ASYNCHRONOUS_RESPONSE" in head):
        raise _too_much(source, url, f"a place in its queue: {head[:160].strip()!r}")
    if status == 404 and ("NO_RESULTS" in head or "<faultcode>100<" in head.replace(" ", "")):
        return NO_DATA
    if status != 200:
        raise _fault(source, url, f"status {status}, {head[:160]!r}", StatusError)
    if head.lstrip().startswith("<"):
        raise _fault(source, url, f"markup instead of data: {head[:120]!r}")
    if head.lstrip().startswith("{"):
        return _judged_json(source, url, body)
    if not body.partition(b"\n")[2].strip():
        raise _fault(source, url, "a header without a single row")
    return None


def _judged_json(source: Source, url: str, body: bytes) -> str | None:
    try:
        document: dict[str, Any] = json.loads(body, strict=False)
    except ValueError as error:
        raise _fault(source, url, f"JSON that is cut off or damaged ({error})") from error
    if warning := document.get("warning"):
        if "413" in str(warning):
            raise _too_much(source, url, f"the warning {str(warning)[:160]} (with status 200)")
        raise _fault(source, url, f"the warning {str(warning)[:160]}")
    if "error" in document:
        raise _fault(source, url, f"the error {str(document['error'])[:160]}")
    if not document.get("value"):
        # The service says nothing of a code that it does not know: it answers with no values.
        raise _fault(source, url, "an empty `value`: a code in the address is unknown to it")
    return None


def _too_much(source: Source, url: str, found: str) -> ContentError:
    return _TooMuch(
        source.source_id,
        expected=f"data at once ({url})",
        found=found,
        todo="split the resource: fewer codes or periods in each address",
    )


def _fault(
    source: Source, url: str, found: str, kind: type[FetchError] = ContentError
) -> FetchError:
    return kind(
        source.source_id,
        expected=f"data ({url})",
        found=found,
        todo="check dataset, dimensions and codes in the address against the data browser",
    )
