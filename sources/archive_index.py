"""One line of an archive index, and what is wrong with it.

An index is written by people and other machines, and its values become names of files, addresses
and dates in the data home: each is judged before anything is done with it.

Belongs here: the form of every value. Does not belong here: reading the file (`landing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, ValidationError

from core.errors import ContentError
from core.paths import MAX_NAME

_TODO = "correct that line of the archive index; the other sources go on"


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("printable characters in one line")
    return text


def _path(text: str) -> str:
    parts = PurePosixPath(_one_line(text)).parts
    if any(len(p.encode()) > MAX_NAME for p in parts):
        raise ValueError(f"a path whose parts have at most {MAX_NAME} bytes each")
    return text


def _moment(text: str) -> str:
    """The same moment in UTC, in the form in which receipts are compared as texts."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time in ISO 8601, as 2026-01-31T12:00:00+00:00") from None
    if moment > datetime.now(UTC) + timedelta(days=1):
        raise ValueError("a time that has passed")
    return moment.isoformat()


def _text(pattern: str, longest: int) -> Any:
    return StringConstraints(pattern=f"^(?:{pattern})$", max_length=longest)


class _Line(BaseModel):
    """The values of a line, and what is expected of each."""

    source: Annotated[
        str,
        _text("[a-z0-9_]+__[a-z0-9_]+", 100),
        Field(description="an id, as publisher__dataset in small letters"),
    ]
    resource: Annotated[
        str,
        _text("[A-Za-z0-9_][A-Za-z0-9_.-]*", 100),
        Field(description="up to 100 letters, digits, _, . and -"),
    ]
    table: Annotated[
        str,
        _text("(?:[A-Za-z0-9_][A-Za-z0-9_.-]*)?", 100),
        Field(description="the name of a table of the declaration, or nothing"),
    ] = ""
    url: Annotated[
        str,
        _text(r"(?:https?://|package:|repository:)\S+", 2000),
        AfterValidator(_one_line),
        Field(description="an address (http://, https://, package: or repository:)"),
    ]
    file: Annotated[
        str,
        _text(".+", 1000),
        AfterValidator(_path),
        Field(description="a path under the archive root"),
    ]
    sha256: Annotated[
        str,
        StringConstraints(pattern="^[0-9a-fA-F]{64}$", to_lower=True),
        Field(description="64 hexadecimal digits"),
    ]
    retrieved_at: Annotated[
        str,
        AfterValidator(_moment),
        Field(description="a time in ISO 8601, as 2026-01-31T12:00:00+00:00"),
    ]


def judged(row: Mapping[str | None, Any], number: int) -> _Line | ContentError:
    """The values of a row as csv.DictReader gives it, or what is wrong with line `number`."""
    source = str(row.get("source") or "")
    if None in row or None in row.values():
        return fault(source, number, "as many fields as the header has", _count(row))
    try:
        return _Line.model_validate(dict(row))
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        expected = (
            str(first["ctx"]["error"])
            if first["type"] == "value_error"
            else str(_Line.model_fields[name].description)
        )
        return fault(source, number, f"in `{name}` {expected}", ascii(str(row[name])[:100]))


def fault(source: str, number: int, expected: str, found: str) -> ContentError:
    """An error of one line, for its source."""
    where = f"line {number} of the archive index"
    name = source[:100] if source.isprintable() else ascii(source[:100])
    return ContentError(
        name or "archive", expected=f"{expected} ({where})", found=found, todo=_TODO
    )


def _count(row: Mapping[str | None, Any]) -> str:
    more = len(row.get(None) or ())
    missing = sum(v is None for k, v in row.items() if k is not None)
    return f"{more} too many" if more else f"{missing} too few"
