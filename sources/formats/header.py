"""How header texts become column names, the same in every format."""

from __future__ import annotations

import re
from collections.abc import Sequence


def column_names(raw: Sequence[str | None]) -> list[str]:
    """Header texts as column names: white space collapsed, empty and repeated names numbered."""
    names: list[str] = []
    for position, text in enumerate(raw, start=1):
        name = re.sub(r"\s+", " ", text or "").strip() or f"(unnamed {position})"
        names.append(f"{name} ({position})" if name in names else name)
    return names
