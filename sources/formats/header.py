"""How header texts become column names, the same in every format; and how many there may be.

Belongs here: names of columns, and the end of reading at the declared bounds. Does not belong here:
whether what was read is plausible (`sources.accept`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.errors import SchemaDrift
from sources.declarations import Bounds

# The longest real one has 147 characters.
MAX_NAME = 1000


def column_names(source_id: str, raw: Sequence[str | None], bounds: Bounds) -> list[str]:
    """Header texts as column names: white space collapsed, empty and repeated names numbered.

    Raises SchemaDrift for more columns, or longer names, than any declaration could mean.
    """
    within_columns(source_id, len(raw), bounds)
    names: dict[str, None] = {}
    for position, text in enumerate(raw, start=1):
        if len(text or "") > MAX_NAME:
            raise too_much(
                source_id,
                f"names of columns of at most {MAX_NAME:,} characters",
                f"{len(text or ''):,} in column {position:,}",
            )
        name = re.sub(r"\s+", " ", text or "").strip() or f"(unnamed {position})"
        names[f"{name} ({position})" if name in names else name] = None
    return list(names)


def no_header(source_id: str, declared: Sequence[str], first: Sequence[str]) -> None:
    """Raise SchemaDrift where the first row of a file without a header looks like one.

    It does where a cell of it is the name that we gave its column.
    """
    same = [c for name, c in zip(declared, first, strict=False) if _letters(name) == _letters(c)]
    if same:
        raise SchemaDrift(
            source_id,
            expected="a first row of data, in a file without a header",
            found=f"a row that names its columns: {', '.join(first[:8])}",
            todo="the publisher has added a header: say `header: true`, and the names as they are",
        )


def _letters(text: str) -> str:
    return re.sub(r"\W|_", "", text).casefold()


def within_columns(source_id: str, count: int, bounds: Bounds) -> None:
    """Raise SchemaDrift for more columns than `bounds` allow."""
    if count > bounds.max_columns:
        raise too_much(source_id, f"at most {bounds.max_columns:,} columns", f"{count:,} or more")


def within_rows(source_id: str, count: int, bounds: Bounds) -> None:
    """Raise SchemaDrift for more rows than `bounds` allow."""
    if count > bounds.max_rows:
        raise too_much(source_id, f"at most {bounds.max_rows:,} rows", f"{count:,} or more")


def too_much(source_id: str, expected: str, found: str) -> SchemaDrift:
    """More than declared: reading has stopped there."""
    return SchemaDrift(
        source_id,
        expected=expected,
        found=f"{found}; reading stopped",
        todo="look at the file; the last good content stays in use. If the publisher has really"
        " grown, change `bounds`",
    )
