"""Is a live service as declared? Asked with the smallest question that shows it.

    file, dated_file   the first kilobytes          worldbank, opendatasoft   one record
    sdmx, eurostat     the last observation each    sparql                    one row of one value
    per_city           one city

Everything goes through the protocols themselves, so that what is well here is asked in the same way
by a run: same hosts, limits, pacing, secrets. Nothing is kept of the answers.

Belongs here: the smallest questions, and what an answer says of a service. Does not belong here:
reading a part of a file (`peek`, `beginning`), printing (`cli`).
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from core.errors import ContentError
from core.paths import DataPaths
from core.secrets import masked
from sources.access import LiveAccess, PerCityAccess, Query, Resource
from sources.beginning import shortened
from sources.binding import Differences, differences
from sources.confined import confined
from sources.declarations import Source
from sources.fetch import PROTOCOLS, FetchContext, as_failure, live_context
from sources.formats import decode
from sources.landing import blob_path
from sources.parallel import obtain_all
from sources.peek import Peek
from sources.receipt import Receipt

FIRST_BYTES = 1 << 16
MEGABYTES = 20
"""Of an answer that is read as a whole."""
GRACE = 3.0
"""Seconds after the end of the budget in which who was asked may still answer."""
_NONE = Differences((), (), {})
Shape = Literal["as declared", "columns added", "other columns", "not checked"]


@dataclass(frozen=True)
class Finding:
    """What one resource of a source showed; `resource` is empty where it has only one."""

    source_id: str
    resource: str
    protocol: str
    is_well: bool
    found: str
    """In words: what is wrong, or why the shape was not checked."""
    todo: str = ""
    status: int | None = None
    """Of HTTP; None where nothing answered."""
    content_type: str = ""
    last_modified: str = ""
    megabytes: float | None = None
    shape: Shape = "not checked"
    columns: Differences = _NONE

    @property
    def reachable(self) -> bool:
        return self.status is not None


def probe_all(
    context: FetchContext, sources: Iterable[Source], seconds: float
) -> Iterator[Finding]:
    """What every live source shows, as the answers come; hosts side by side, each at its pace.

    After `seconds` nobody is asked any more, and what is open is reported as such.
    """
    until = time.monotonic() + seconds
    ending = replace(context, client=context.client.within(seconds))

    answered: dict[tuple[str, str], Finding] = {}

    def ask(source: Source) -> list[Finding]:
        for name in _names(source):
            answered[source.source_id, name] = ask_about(source, name)
        return [answered[source.source_id, name] for name in _names(source)]

    def ask_about(source: Source, name: str) -> Finding:
        if time.monotonic() >= until:
            return _not_asked(source, name, f"the budget of {seconds:.0f} s was over before")
        finding = probe(ending, source, name)
        if time.monotonic() >= until and not finding.reachable:
            return _not_asked(source, name, f"no answer within the budget of {seconds:.0f} s")
        return finding

    def waiting_for(waits: dict[str, float]) -> None:
        for source_id, waited in sorted(waits.items()):
            context.progress(source_id, f"asked for {waited:.0f} s")

    asked = obtain_all(
        (s for s in sources if s.access.live),
        ask,
        from_network=True,
        waiting_for=waiting_for,
        patience=5.0,
        seconds=seconds + GRACE,
    )
    for source, findings in asked:
        if isinstance(findings, TimeoutError):
            found = f"no answer within the budget of {seconds:.0f} s"
            for name in _names(source):
                told = answered.get((source.source_id, name))
                yield told or _not_asked(source, name, found)
        elif isinstance(findings, BaseException):
            raise findings
        else:
            yield from findings


def probe(context: FetchContext, source: Source, name: str) -> Finding:
    """Ask about one resource. Never raises for what a service does."""
    assert source.access.live is not None
    access = _smallest(source.access.live, name)
    peek = Peek(context.client, _first_bytes(source, access, name))
    finding = _not_asked(source, name, "")
    try:
        with tempfile.TemporaryDirectory(prefix="wcn-probe-") as folder:
            scratch = DataPaths(Path(folder)).create()
            asking = replace(context, paths=scratch, client=peek)
            live = replace(live_context(asking, source, access), sample=context.paths)
            receipts = list(PROTOCOLS[access.protocol](live, source, access))
            finding = replace(finding, **_told(peek))
            _within_limits(source, source.access.live, peek)
            if not receipts:
                return replace(finding, is_well=True, found="it has no data, as it may", todo="")
            return _judged(finding, source, scratch, receipts[0], is_cut=peek.is_cut)
    except Exception as error:
        told = as_failure(source, error)
        return replace(finding, **_told(peek), found=told.found, todo=told.todo)


def _judged(
    finding: Finding, source: Source, scratch: DataPaths, receipt: Receipt, *, is_cut: bool
) -> Finding:
    """The finding with the shape of what was landed. Raises SourceError for other bytes."""
    table = source.tables[receipt.table]
    form = table.format
    path: Path | None = blob_path(scratch, receipt.sha256)
    assert path
    if is_cut and (path := shortened(source.source_id, path, form)) is None:
        why = "no complete line or record in the first bytes"
        if form.member or form.kind == "excel":
            why = f"of {'a zip' if form.member else 'a workbook'} the whole file would be needed"
        return replace(finding, is_well=True, found=f"shape not checked: {why}", todo="")
    # A record may lack a field that a later one has; a header lacks nothing.
    is_open = is_cut and form.kind != "delimited"
    rows = source.bounds_of(receipt.resource).max_rows
    reading = columns_of, source, receipt.table, receipt.resource, path, scratch.temporary
    try:
        names: list[str] = confined(source.source_id, rows, *reading)
    except ContentError:
        if not is_open:
            raise
        names = []
    if not names:
        where = "in the first bytes" if is_cut else "in the answer"
        return replace(
            finding, is_well=True, found=f"shape not checked: no record {where}", todo=""
        )
    unlike = differences(table, names)
    said = str(unlike)
    if (unlike.additional and table.additional_columns == "refuse") or (
        unlike.missing and not is_open
    ):
        todo = "compare the file with the declaration's `columns`; a run keeps the last good data"
        return replace(finding, shape="other columns", columns=unlike, found=said, todo=todo)
    shape: Shape = "columns added" if unlike.additional else "as declared"
    if unlike.missing:
        shape, said = "not checked", f"in the first records {said}; later ones may have it"
    todo = "nothing is lost: a run goes on without it, or map it" if unlike.additional else ""
    return replace(finding, is_well=True, shape=shape, columns=unlike, found=said, todo=todo)


def columns_of(source: Source, table: str, resource: str, path: Path, scratch: Path) -> list[str]:
    """Names of the columns, the computed ones among them; called in a process of its own."""
    declared = source.tables[table]
    raw = decode(source.source_id, path, declared.format, source.bounds_of(resource), scratch)
    names = raw.column_names[1:]
    return [*names, *declared.computed] if names else []


# --- the smallest questions


def _smallest(access: LiveAccess, name: str) -> LiveAccess:
    """The access method with one resource, asked for as little as its protocol can be."""
    few: dict[str, Any] = {"max_megabytes": min(access.max_megabytes, MEGABYTES)}
    if isinstance(access, PerCityAccess):
        cities = access.cities.model_copy(update={"top": 1})
        return access.model_copy(update={**few, "batch_size": 1, "cities": cities})
    asked: Resource | Query = access.resources[name]
    if isinstance(asked, Query):
        # The services count a row, not a batch.
        one = re.sub(r"\blimit\s+\d+\s*$", "", asked.query, flags=re.I) + "\nLIMIT 1"
        asked = asked.model_copy(update={"query": one, "batch_size": 1})
    elif little := _little(access, asked.url or ""):
        url = asked.url or ""
        sign = "&" if "?" in url else "?"
        asked = asked.model_copy(update={"url": f"{url}{sign}{little}"})
    if access.protocol in ("worldbank", "opendatasoft"):
        few["per_page"] = 1
    return access.model_copy(update={**few, "resources": {name: asked}})


def _little(access: LiveAccess, url: str) -> str:
    if access.protocol == "opendatasoft" and "/exports/" in url:
        return "limit=1"
    if access.protocol == "eurostat" and "/sdmx/" not in url:
        return "lastTimePeriod=1"
    return "lastNObservations=1" if access.protocol in ("eurostat", "sdmx") else ""


def _first_bytes(source: Source, access: LiveAccess, name: str) -> int | None:
    """How much of a file is read; None where the answer to the smallest question is read whole."""
    if access.protocol not in ("file", "dated_file", "sdmx", "eurostat"):
        return None
    table = access.resources[name].table or access.table
    return None if source.tables[table].format.kind == "jsonstat" else FIRST_BYTES


# --- findings


def _names(source: Source) -> list[str]:
    assert source.access.live is not None
    return list(source.access.live.resources) or [""]


def _not_asked(source: Source, name: str, found: str) -> Finding:
    live = source.access.live
    assert live is not None
    shown = name if len(_names(source)) > 1 else ""
    todo = f"ask again: wcn doctor {source.source_id}, or give a larger --budget"
    return Finding(source.source_id, shown, live.protocol, is_well=False, found=found, todo=todo)


def _told(peek: Peek) -> dict[str, Any]:
    """What the service said before its body."""
    if (heard := peek.heard) is None:
        return {}
    return {
        "status": heard.status,
        "content_type": masked(heard.headers.get("Content-Type", "")),
        "last_modified": masked(heard.headers.get("Last-Modified", "")),
        "megabytes": None if heard.size is None else heard.size / 1e6,
    }


def _within_limits(source: Source, access: LiveAccess, peek: Peek) -> None:
    size = (peek.heard.size if peek.heard else None) or 0
    if size > access.max_megabytes * 1_000_000:
        raise ContentError(
            source.source_id,
            expected=f"at most {access.max_megabytes} MB (`max_megabytes`)",
            found=f"a file of {size / 1e6:,.0f} MB",
            todo="a run would refuse it: look what the address gives, or raise `max_megabytes`",
        )
