"""The sentence that every source asks for, as the file that travels with its figures.

Belongs here: the text. Does not belong here: which licences there are (`catalog`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def attribution(sources: Iterable[Mapping[str, Any]]) -> str:
    """Markdown; `sources` are rows of dim_source with a column `licence`, in order."""
    lines = ["# Attribution", "", "The figures of this release come from these sources.", ""]
    for source in sources:
        may = "" if source["may_redistribute"] else " **Not to be redistributed.**"
        lines.append(
            f"* **{source['title']}** (`{source['source_id']}`), {source['publisher']},"
            f" {source['edition']}. {source['attribution']}. Licence: {source['licence']}.{may}"
        )
    return "\n".join(lines) + "\n"
