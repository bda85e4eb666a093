"""How texts and names stand in a DuckDB statement that cannot bind them (views, attach, copy).

Belongs here: quoting. Values that can be bound are bound.
"""

from __future__ import annotations

from pathlib import Path


def literal(text: str | Path | None) -> str:
    """A string literal, or null."""
    return "null" if text is None else "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'
