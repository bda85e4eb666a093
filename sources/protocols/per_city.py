"""One request per city: pageviews, climate at a point. Pulled in batches, offered batch by batch.

A batch is a long affair, so it is pulled by itself (`pull`, a partitioned asset); what has been
pulled is what the source has (`fetch`, without a request). A killed pull resumes at the request.
404 means that the service has nothing of this city: it is recorded, with its body, as such.

Belongs here: questions about cities, batches. Does not belong here: which cities (`asked`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.errors import ContentError
from sources.access import PerCityAccess
from sources.declarations import Source
from sources.landing import blob_path
from sources.protocols.city_list import City, cities
from sources.protocols.live import LiveContext
from sources.protocols.pages import (
    Question,
    ask,
    forget,
    json_or_fault,
    land_lines,
    spool_of,
    spooled,
)
from sources.receipt import Receipt, receipts


def fetch(live: LiveContext, source: Source, access: PerCityAccess) -> Iterator[Receipt]:
    """The newest receipt of every batch that was pulled. Raises ContentError where none was."""
    if live.sample:
        yield pull(live, source, access, access.batches()[-1])
        return
    newest: dict[str, Receipt] = {}
    for receipt in receipts(live.paths.receipts, source.source_id):
        same = receipt.access_method == "live" and receipt.url == access.url
        if same and blob_path(live.paths, receipt.sha256).exists():
            newest[receipt.resource] = receipt
    pulled = [newest[batch] for batch in access.batches() if batch in newest]
    if not pulled:
        raise ContentError(
            source.source_id,
            expected="batches of cities that were pulled",
            found="none yet",
            todo=f"launch a backfill of pull_{source.source_id} in the UI: it asks city by city",
        )
    live.progress(f"{len(pulled)} of {len(access.batches())} batches have been pulled")
    yield from pulled


def pull(live: LiveContext, source: Source, access: PerCityAccess, batch: str) -> Receipt:
    """Ask about every city of a batch, land the answers, write the receipt.

    Raises FetchError; what was answered until then is not asked for again.
    """
    questions = _questions(live, source, access, batch)
    folder = spool_of(live, source, batch)
    lines: list[dict[str, Any]] = []
    for n, question in enumerate(questions, start=1):
        lines.append(_answer(live, source, access, folder, question))
        if n % 10 == 0 or n == len(questions):
            none = sum(line["status"] == 404 for line in lines)
            live.progress(f"{batch}: {n} of {len(questions)} cities, {none} without data")
    receipt = land_lines(live, source, access, batch, None, access.url, lines)
    receipt.write(live.paths.receipts)
    forget(folder)
    return receipt


def _answer(
    live: LiveContext, source: Source, access: PerCityAccess, folder: Path, question: Question
) -> dict[str, Any]:
    return spooled(
        folder,
        question,
        lambda: ask(live, source, access, question, answers=(404,), retry_when=json_or_fault),
    )


def _questions(
    live: LiveContext, source: Source, access: PerCityAccess, batch: str
) -> list[Question]:
    year, _, number = batch.rpartition("-b")
    at = int(number.removeprefix("b")) - 1
    asked = cities(live, source, access.cities)[
        at * access.batch_size : (at + 1) * access.batch_size
    ]
    if not asked:
        raise ContentError(
            source.source_id,
            expected=f"cities for the batch {batch}",
            found="a gazetteer (or a list of titles) that ends before it",
            todo="lower `cities.top`, or obtain its sources again",
        )
    return [Question(_url(access, city, year), about=city.about()) for city in asked]


def _url(access: PerCityAccess, city: City, year: str) -> str:
    said = {
        "city_id": city.city_id,
        "latitude": city.latitude,
        "longitude": city.longitude,
        "title": quote((city.title or "").replace(" ", "_"), safe=""),
        "first_year": str(access.first_year),
        "last_year": str(access.until()),
    }
    if year:
        said |= {"year": year, "next_year": str(int(year) + 1)}
    return access.url.format(**said)
