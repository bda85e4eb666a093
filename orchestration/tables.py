"""Small tables in asset metadata.

Belongs here: rows as Markdown. Does not belong here: which rows there are.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dagster import MetadataValue

_MOST = 200
_SHOWN = 5
_MARKS = re.compile(r"([\\`*_{}\[\]()#!|<>&~])")


def literal(text: str) -> str:
    """Text that Markdown and HTML leave as it is: it may come from a server."""
    return _MARKS.sub(r"\\\1", text).replace("\n", " ")


def table(rows: Sequence[Mapping[str, Any]]) -> MetadataValue:
    """Rows with the columns of the first one; what is long is cut, and the cut is told."""
    if not rows:
        return MetadataValue.md("none")
    lines = [list(rows[0]), ["---"] * len(rows[0])]
    lines += [[literal(_text(v)) for v in row.values()] for row in rows[:_MOST]]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    more = f"\n\n… and {len(rows) - _MOST:,} more" if len(rows) > _MOST else ""
    return MetadataValue.md(text + more)


def lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """The first few rows in plain text, which the UI shows without a click."""
    shown = ["; ".join(f"{k}: {_text(v)}" for k, v in row.items()) for row in rows[:_SHOWN]]
    more = [f"… and {len(rows) - _SHOWN:,} more"] if len(rows) > _SHOWN else []
    return "\n".join(shown + more) or "none"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) else str(value or "")
