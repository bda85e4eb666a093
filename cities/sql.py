"""Text as SQL writes it. Belongs here: quoting, and nothing that knows a table."""

from __future__ import annotations


def literal(text: object) -> str:
    """A value as a quoted SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
