"""SPARQL 1.1 query results in JSON: one row per binding, one text column per variable.

Belongs here: bindings → text; an unbound variable is null, and so is a blank node, which stands for
"some value". Does not belong here: what a variable means.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.declarations import Bounds
from sources.formats.documents import Row, refusal, table_of
from sources.tables import Format

_UNKNOWN = "/.well-known/genid/"


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """One row per binding, all text. Raises ContentError."""
    return table_of(source_id, path, form, bounds, _rows)


def _rows(source_id: str, document: Any, _: Format) -> Iterator[Row]:
    try:
        variables: list[str] = document["head"]["vars"]
        bindings: list[dict[str, Any]] = document["results"]["bindings"]
        for binding in bindings:
            if unnamed := sorted(binding.keys() - set(variables)):
                # A column that the declaration cannot know of: its texts would be lost.
                raise refusal(source_id, f"bindings of {', '.join(variables)}", unnamed)
            yield {name: _text(binding.get(name)) for name in variables}
    except (KeyError, TypeError, AttributeError) as error:
        found = f"{type(error).__name__} {error}: {str(document)[:120]}"
        raise refusal(source_id, "SPARQL results (head.vars, results.bindings)", found) from error


def _text(term: dict[str, str] | None) -> str | None:
    if term is None or term["type"] == "bnode" or _UNKNOWN in term["value"]:
        return None
    return term["value"]
