"""Many answers as one blob: JSON lines, one answer each, in the order in which they were asked for.

    {"url": "…", "status": 200, "body": "…the body, verbatim…", "about": {"city_id": "745044"}}

`url` is the question without its key (of a posted form, `form` is beside it), `about` what the
answer does not say itself: which city was meant. Equal answers make equal bytes. Read by
`formats.documents`.

Belongs here: this form, and the spool in which answers of a long pull wait for the rest, so that a
killed pull goes on where it was. Does not belong here: what to ask, what an answer means.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from core.errors import ContentError
from core.files import write_atomically
from core.paths import inside
from sources.access import LiveAccess
from sources.declarations import Source
from sources.formats.zipped import unzipped
from sources.landing import land
from sources.protocols.live import LiveContext
from sources.receipt import Receipt

# A spooled answer of an older pull is asked for again: its neighbours would be of another time.
MAX_SPOOL_AGE = 7 * 86400.0


@dataclass(frozen=True)
class Question:
    """One request of many."""

    url: str
    form: Mapping[str, str] | None = None
    about: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        asked = json.dumps([self.url, dict(self.form or {}), dict(self.about)], sort_keys=True)
        return hashlib.sha256(asked.encode()).hexdigest()[:24]


def ask(
    live: LiveContext,
    source: Source,
    access: LiveAccess,
    question: Question,
    *,
    answers: Collection[int] = (),
    retry_when: Callable[[Path, int], str | None] | None = None,
) -> dict[str, Any]:
    """One answer in the form above. Raises FetchError."""
    live.paths.temporary.mkdir(parents=True, exist_ok=True)
    live.budget.ask()
    answer = live.client.get(
        source.source_id,
        question.url,
        hosts=access.hosts,
        into=live.paths.temporary,
        headers=access.headers,
        secret=live.secret,
        form=question.form,
        answers=answers,
        retry_when=retry_when,
        read_timeout=access.read_timeout,
        max_bytes=access.max_megabytes * 1_000_000,
        says=live.progress,
    )
    assert answer.path is not None
    try:
        live.budget.got(answer.path.stat().st_size)
        with unzipped(source.source_id, answer.path, None, live.paths.temporary) as plain:
            body = plain.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise ContentError(
            source.source_id,
            expected=f"text in UTF-8 ({question.url})",
            found=f"a byte that is none, at {error.start}",
            todo="look at what the service sends; the last good content stays in use",
        ) from error
    finally:
        answer.path.unlink(missing_ok=True)
    line: dict[str, Any] = {"url": question.url, "status": answer.status, "body": body}
    if question.form:
        line["form"] = dict(question.form)
    return {**line, "about": dict(question.about)} if question.about else line


def spooled(folder: Path, question: Question, get: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer out of the spool, or from the service and then into the spool."""
    path = folder / f"{question.name}.json"
    if path.exists() and time.time() - path.stat().st_mtime < MAX_SPOOL_AGE:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return held
    line = get()
    write_atomically(path, json.dumps(line, ensure_ascii=False))
    return line


def land_lines(
    live: LiveContext,
    source: Source,
    access: LiveAccess,
    name: str,
    table: str | None,
    url: str,
    lines: Iterable[Mapping[str, Any]],
) -> Receipt:
    """Land the answers as one blob. `url` is the question that they answer as a whole."""
    texts = (json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n" for line in lines)
    return land_texts(live, source, access, name, table, url, texts)


def land_texts(
    live: LiveContext,
    source: Source,
    access: LiveAccess,
    name: str,
    table: str | None,
    url: str,
    texts: Iterable[str],
) -> Receipt:
    """Land texts, one behind the other, as the answer to `url`."""
    live.paths.temporary.mkdir(parents=True, exist_ok=True)
    path = live.paths.temporary / f"pages-{uuid4().hex}"
    try:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(texts)
        sha256, size = land(live.paths, source.source_id, path)
    finally:
        path.unlink(missing_ok=True)
    return Receipt(
        source_id=source.source_id,
        resource=name,
        access_method="live",
        table=table or access.table,
        url=url,
        retrieved_at=datetime.now(UTC).isoformat(timespec="seconds"),
        sha256=sha256,
        size=size,
        licence=source.licence,
        status=200,
    )


def spool_of(live: LiveContext, source: Source, name: str) -> Path:
    """Where the answers of one long pull wait."""
    return inside(live.paths.spool, source.source_id, name)


def forget(folder: Path) -> None:
    """Empty the spool of a pull that has landed."""
    shutil.rmtree(folder, ignore_errors=True)


def json_or_fault(path: Path, status: int = 200) -> str | None:
    """For `retry_when`: what is wrong with a body that should be JSON, if anything.

    What comes with another status is no data, and may be anything.
    """
    if status != 200:
        return None
    try:
        json.loads(path.read_bytes(), strict=False)
    except (UnicodeDecodeError, ValueError):
        with path.open("rb") as stream:
            head = stream.read(80).decode("utf-8", "replace")
        return f"a body that is not JSON, or cut off; it begins with {head!r}"
    return None
