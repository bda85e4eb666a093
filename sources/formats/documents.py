"""JSON documents in a file: the one that it is, or the bodies of many answers (`Format.pages`).

Belongs here: the form that `protocols.pages` writes, and rows → an all-text table. Does not belong
here: what a document holds: that is known to the format modules, which give its rows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import ContentError
from sources.declarations import Bounds
from sources.formats.header import within_columns, within_rows
from sources.tables import Format

Row = Mapping[str, Any]
Rows = Callable[[str, Any, Format], Iterable[Row]]
"""(source id, document, format) → rows; columns are named by the fields of the rows."""


def table_of(source_id: str, path: Path, form: Format, bounds: Bounds, rows: Rows) -> pa.Table:
    """All rows of all documents; columns in the order in which they first appear, all text.

    What an answer is about (`about`) stands in columns of its own: `about.city_id`. Answers of
    another status than 200 are the word that there is no data: they have no rows.
    """
    columns: dict[str, list[str | None]] = {}
    count = 0
    for about, document in _documents(source_id, path, form):
        for row in rows(source_id, document, form):
            for name, value in once(source_id, [*about.items(), *row.items()]).items():
                column = columns.setdefault(name, [])
                column.extend([None] * (count - len(column)))
                column.append(text(value))
            count += 1
            within_rows(source_id, count, bounds)
            within_columns(source_id, len(columns), bounds)
    for column in columns.values():
        column.extend([None] * (count - len(column)))
    # `place: null` beside `place: {lat, lon}` is the same column, without a value.
    nested = {name.rpartition(".")[0] for name in columns}
    columns = {n: c for n, c in columns.items() if n not in nested or any(c)}
    arrays = [pa.array(column, pa.string()) for column in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def once(source_id: str, fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Fields by name. Raises ContentError for a name given twice: one of its values would be lost.

    So are `place.lat` beside `place: {lat}`, and a field with the name of what we put beside it.
    """
    given = list(fields)
    named = dict(given)
    if len(named) < len(given):
        names = [name for name, _ in given]
        found = sorted({name for name in names if names.count(name) > 1})
        raise refusal(source_id, "each field once in an object", f"more than one {found[:5]}")
    return named


def text(value: Any) -> str | None:
    """A JSON value as text, as it was written; nothing and an empty text are null."""
    if value is None or isinstance(value, str):
        return value or None
    return json.dumps(_numbers(value), ensure_ascii=False)


def _numbers(value: Any) -> Any:
    """Within a nested value, numbers as JSON has them."""
    if isinstance(value, _Written):
        return json.loads(value)
    if isinstance(value, dict):
        return {k: _numbers(v) for k, v in value.items()}
    return [_numbers(v) for v in value] if isinstance(value, list) else value


def refusal(source_id: str, expected: str, found: Any) -> ContentError:
    """For format modules: a document of another shape."""
    return ContentError(
        source_id,
        expected=expected,
        found=str(found)[:200],
        todo="compare the answer with the declaration; the last good content stays in use",
    )


def _documents(source_id: str, path: Path, form: Format) -> Iterator[tuple[dict[str, str], Any]]:
    if not form.pages:
        yield {}, _parsed(source_id, _decoded(source_id, path, form))
        return
    for line in _decoded(source_id, path, form).split("\n"):
        if not line:
            continue
        answer = _parsed(source_id, line)
        if not isinstance(answer, dict) or not {"url", "status", "body"} <= set(answer):
            raise refusal(source_id, "one answer in every line: url, status, body", answer)
        if answer["status"] == "200":
            about = {f"about.{k}": v for k, v in answer.get("about", {}).items()}
            yield about, _parsed(source_id, answer["body"])


def _decoded(source_id: str, path: Path, form: Format) -> str:
    try:
        return path.read_bytes().decode(form.encoding)
    except UnicodeDecodeError as error:
        found = f"a byte that is none, at {error.start}"
        raise refusal(source_id, f"text in {form.encoding}", found) from error


def _parsed(source_id: str, body: str) -> Any:
    try:
        # Numbers stay as they are written: 0.10 is not 0.1. Services send control characters as
        # they are in their labels: not `strict`.
        return json.loads(
            body,
            strict=False,
            parse_float=_Written,
            parse_int=_Written,
            object_pairs_hook=partial(once, source_id),
        )
    except ValueError as error:
        raise refusal(
            source_id, "a JSON document", f"text that is not JSON ({error}): {body[:60]!r}"
        ) from error


class _Written(str):
    """A number as it was written."""

    __slots__ = ()
