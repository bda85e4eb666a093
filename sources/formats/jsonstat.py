"""JSON-stat 2.0: a cube with sparse values, as Eurostat's statistics service gives it.

One row per position that has a value or a flag: the code of each dimension in a column of its name,
its label in `<dimension>.label`, then `value` and `status`. A position that has neither is no row:
cubes are mostly empty.

Written here, because no library carries the load: pyjstat 2.4.0 (Apache-2.0, last release 2023)
spreads a sparse cube over all its positions and drops `status`; jsonstat.py 0.1.14 (LGPL-3.0,
beta) asks for pandas 0.25.

Belongs here: positions → codes. Does not belong here: what dimensions mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.declarations import Bounds
from sources.formats.documents import Row, refusal, table_of
from sources.tables import Format


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """One row per value or flag, all text. Raises ContentError."""
    return table_of(source_id, path, form, bounds, _rows)


def _rows(source_id: str, document: Any, _: Format) -> Iterator[Row]:
    try:
        names: list[str] = document["id"]
        sizes = [int(n) for n in document["size"]]
        codes = [_codes(document["dimension"][name]["category"]) for name in names]
        labels = [document["dimension"][name]["category"].get("label", {}) for name in names]
        values = _sparse(document["value"])
        status = document.get("status") or {}
        # One text is the flag of every value.
        flags = dict.fromkeys(values, status) if isinstance(status, str) else _sparse(status)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        found = f"{type(error).__name__} {error}: {str(document)[:120]}"
        raise refusal(source_id, "a JSON-stat dataset", found) from error
    if sizes != [len(c) for c in codes]:
        counted = {n: len(c) for n, c in zip(names, codes, strict=False)}
        raise refusal(source_id, f"dimensions of the sizes {sizes}", counted)
    positions = sorted(values.keys() | flags.keys())
    if positions and not 0 <= positions[0] <= positions[-1] < prod(sizes):
        raise refusal(source_id, f"positions below {prod(sizes)}", positions[-1])
    for position in positions:
        row: dict[str, Any] = {}
        at = _coordinates(position, sizes)
        for name, index, of, label in zip(names, at, codes, labels, strict=True):
            row[name] = of[index]
            row[f"{name}.label"] = label.get(of[index])
        yield {**row, "value": values.get(position), "status": flags.get(position)}


def _codes(category: Mapping[str, Any]) -> list[str]:
    """Codes by position; a dimension of one code may have no index."""
    index = category.get("index")
    if index is None:
        return list(category["label"])
    if isinstance(index, list):
        return index
    return sorted(index, key=lambda code: int(index[code]))


def _sparse(given: Any) -> dict[int, Any]:
    """Position → value: from an object, or from a list of all positions."""
    pairs = enumerate(given) if isinstance(given, list) else given.items()
    return {int(position): value for position, value in pairs if value is not None}


def _coordinates(position: int, sizes: list[int]) -> list[int]:
    """The index in each dimension; the last one runs fastest."""
    at: list[int] = []
    for size in reversed(sizes):
        position, index = divmod(position, size)
        at.insert(0, index)
    return at
