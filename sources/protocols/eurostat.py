"""Eurostat's dissemination API: JSON-stat of the statistics service, SDMX-CSV of the SDMX one.

Belongs here: its way to answer without data. Does not belong here: reading (`formats`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import ContentError, FetchError, StatusError
from sources.access import EurostatAccess
from sources.declarations import Source
from sources.protocols.live import NO_DATA, LiveContext, one_file, without_data
from sources.receipt import Receipt

_ANSWERS = (400, 404, 413)


def fetch(live: LiveContext, source: Source, access: EurostatAccess) -> Iterator[Receipt]:
    """One receipt per resource that has data. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():

        def judge(path: Path, status: int, url: str = resource.url or "") -> str | None:
            return _judged(source, url, path, status)

        receipt = one_file(live, source, access, name, resource, answers=_ANSWERS, judge=judge)
        if receipt is None:
            without_data(live, source, name, resource, "NO_RESULTS")
        else:
            yield receipt


def _judged(source: Source, url: str, path: Path, status: int) -> str | None:
    body = path.read_bytes()
    head = body[:4000].decode("utf-8", "replace")
    if status == 413 or "EXTRACTION_TOO_BIG" in head:
        raise _too_big(source, url, f"status {status}, {head[:160]!r}")
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
        document: dict[str, Any] = json.loads(body)
    except ValueError as error:
        raise _fault(source, url, f"JSON that is cut off or damaged ({error})") from error
    if warning := document.get("warning"):
        if "413" in str(warning):
            raise _too_big(source, url, f"the warning {str(warning)[:160]} (with status 200)")
        raise _fault(source, url, f"the warning {str(warning)[:160]}")
    if "error" in document:
        raise _fault(source, url, f"the error {str(document['error'])[:160]}")
    if not document.get("value"):
        # The service says nothing of a code that it does not know: it answers with no values.
        raise _fault(source, url, "an empty `value`: a code in the address is unknown to it")
    return None


def _too_big(source: Source, url: str, found: str) -> ContentError:
    return ContentError(
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
