"""A SPARQL endpoint, as the Wikidata Query Service: one query, or batches of VALUES.

A time-out may come with status 200, spliced into the middle of the JSON that was already on its
way: known by its words, and by JSON that does not end.

Belongs here: batches and the faults of such services. Does not belong here: reading the bindings
(`formats.sparql_json`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from core.errors import ContentError
from sources.access import Query, SparqlAccess
from sources.declarations import Source
from sources.protocols.city_list import cities
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
from sources.receipt import Receipt

_SPLICED = (b"java.util.concurrent.TimeoutException", b"SPARQL-QUERY:")


def fetch(live: LiveContext, source: Source, access: SparqlAccess) -> Iterator[Receipt]:
    """One receipt per query: all its batches. Raises FetchError, LandingError."""
    accepting = access.model_copy(
        update={"headers": {"Accept": "application/sparql-results+json", **access.headers}}
    )
    for name, query in access.resources.items():
        folder = spool_of(live, source, name)
        questions = [_question(access, q) for q in _texts(live, source, query)]
        lines: list[dict[str, Any]] = []
        for n, question in enumerate(questions, start=1):
            lines.append(_answer(live, source, accepting, folder, question))
            live.progress(f"{name}: query {n} of {len(questions)}")
        yield land_lines(live, source, access, name, query.table, access.endpoint, lines)
        forget(folder)


def _answer(
    live: LiveContext, source: Source, access: SparqlAccess, folder: Path, question: Question
) -> dict[str, Any]:
    return spooled(
        folder,
        question,
        lambda: ask(live, source, access, question, retry_when=_fault),
    )


def _texts(live: LiveContext, source: Source, query: Query) -> list[str]:
    terms = list(query.values)
    if query.cities:
        terms = [f'"{city.city_id}"' for city in cities(live, source, query.cities)]
    elif not terms:
        return [query.query]
    if not terms:
        raise ContentError(
            source.source_id,
            expected="values for the query",
            found="none",
            todo="look at `values` or `cities` of the declaration",
        )
    terms = terms[:1] if live.sample else terms
    batches = [terms[i : i + query.batch_size] for i in range(0, len(terms), query.batch_size)]
    return [query.query.replace("{values}", " ".join(batch)) for batch in batches]


def _question(access: SparqlAccess, query: str) -> Question:
    form = {"query": query, "format": "json"}
    if access.method == "GET":
        return Question(f"{access.endpoint}?{urlencode(form)}")
    return Question(access.endpoint, form=form)


def _fault(path: Path, _status: int) -> str | None:
    body = path.read_bytes()
    if any(words in body for words in _SPLICED):
        return "a time-out of the service, spliced into its answer (with status 200)"
    return json_or_fault(path)
