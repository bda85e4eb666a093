"""World Bank Indicators API v2: pages of JSON, errors with status 200.

Belongs here: paging and what the service's answers mean. Does not belong here: reading the records
(`formats.worldbank_json`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.errors import ContentError
from sources.access import Resource, WorldBankAccess
from sources.declarations import Source
from sources.protocols.live import LiveContext, without_data
from sources.protocols.pages import Question, ask, json_or_fault, land_lines
from sources.receipt import Receipt


def fetch(live: LiveContext, source: Source, access: WorldBankAccess) -> Iterator[Receipt]:
    """One receipt per resource that has data: all its pages. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():
        lines = list(_pages(live, source, access, name, resource))
        if not lines:
            without_data(live, source, name, resource, "an answer with total 0")
            continue
        url = resource.url or ""
        yield land_lines(live, source, access, name, resource.table, url, lines)


def _pages(
    live: LiveContext, source: Source, access: WorldBankAccess, name: str, resource: Resource
) -> Iterator[dict[str, Any]]:
    """The pages in order, none where there are no records."""
    base, page, pages, seen, total = resource.url or "", 1, 1, 0, 0
    while page <= pages:
        sign = "&" if "?" in base else "?"
        url = f"{base}{sign}format=json&per_page={access.per_page}&page={page}"
        # XML or nonsense instead of JSON is an outage of theirs: it passes.
        line = ask(live, source, access, Question(url), retry_when=json_or_fault)
        header, records = _parts(source, url, json.loads(line["body"]))
        if page == 1:
            pages, total = int(header["pages"]), int(header["total"])
            live.budget.ask(0 if live.sample else pages - 1)
        if total == 0:
            return
        if (int(header["page"]), int(header["total"])) != (page, total):
            raise _fault(source, f"page {page} of {total} records ({url})", f"{header}")
        seen += len(records)
        live.progress(f"{name}: page {page} of {pages}")
        page += 1
        yield line
        if live.sample:
            return
    if seen != total:
        raise _fault(source, f"{total} records, as its header says ({base})", f"{seen}")


def _parts(source: Source, url: str, document: Any) -> tuple[dict[str, Any], list[Any]]:
    if isinstance(document, list) and document and isinstance(document[0], dict):
        header = document[0]
        if "message" in header:
            said = "; ".join(f"{m.get('id')}: {m.get('value')}" for m in header["message"])
            raise _fault(source, f"data ({url})", f"the message {said} (with status 200)")
        counted = all(str(header.get(n)).isdecimal() for n in ("page", "pages", "total"))
        if counted and len(document) == 2 and isinstance(document[1] or [], list):
            return header, document[1] or []
    raise _fault(source, f"a header and a list of records ({url})", f"{str(document)[:120]}")


def _fault(source: Source, expected: str, found: str) -> ContentError:
    return ContentError(
        source.source_id,
        expected=expected,
        found=found,
        todo="check country and indicator codes in the address (they get archived), or try later",
    )
