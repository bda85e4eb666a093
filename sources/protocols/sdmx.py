"""SDMX REST services that answer in CSV, as the OECD's: columns are selected by name.

Belongs here: what its answers without data look like. Does not belong here: reading the CSV
(`formats.delimited`), Eurostat's service (`eurostat`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.errors import ContentError, StatusError
from sources.access import SdmxAccess
from sources.declarations import Source
from sources.protocols.live import NO_DATA, LiveContext, one_file, without_data
from sources.receipt import Receipt

_NOTHING = ("NoRecordsFound", "NoResultsFound")


def fetch(live: LiveContext, source: Source, access: SdmxAccess) -> Iterator[Receipt]:
    """One receipt per resource that has data. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():

        def judge(path: Path, status: int, url: str = resource.url or "") -> str | None:
            return _judged(source, url, path, status)

        receipt = one_file(live, source, access, name, resource, answers=(404,), judge=judge)
        if receipt is None:
            without_data(live, source, name, resource, "NoRecordsFound")
        else:
            yield receipt


def _judged(source: Source, url: str, path: Path, status: int) -> str | None:
    with path.open("rb") as stream:
        head = stream.read(4000).decode("utf-8-sig", "replace")
    if status == 404:
        if any(word in head for word in _NOTHING):
            return NO_DATA
        raise StatusError(
            source.source_id,
            expected=f"status 200 ({url})",
            found=f"status 404, {head[:120]!r}",
            todo="the flow or its version is gone: look it up in the data explorer",
        )
    if head.lstrip()[:1] in ("<", "{"):
        raise ContentError(
            source.source_id,
            expected=f"CSV ({url})",
            found=f"something else that begins with {head[:80]!r}",
            todo="say `format=csvfilewithlabels` in the address, or an Accept header",
        )
    return None
