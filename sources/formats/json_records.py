"""Records somewhere in a JSON document: `Format.records` says where, `Format.shape` in what form.

    records     {"results": [{"name": "Oslo", "location": {"country": "NO"}}]}
                → name, location.country (one level is flattened; what is deeper stays JSON text,
                or with `unnest` gives a row for each object of a list)
    columns     {"daily": {"time": ["2023-01-01"], "temperature": [1.5]}} → time, temperature
    series      {"parameter": {"T2M": {"202301": 8.1}}} → name, period, value

Belongs here: these three shapes. Does not belong here: an object of objects by id (`json_objects`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.declarations import Bounds
from sources.formats.documents import Row, once, refusal, table_of
from sources.tables import Format


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """One row per record, all text. Raises ContentError."""
    return table_of(source_id, path, form, bounds, _rows)


def _rows(source_id: str, document: Any, form: Format) -> Iterator[Row]:
    found = document
    for step in filter(None, form.records.split(".")):
        if not isinstance(found, dict) or step not in found:
            raise refusal(source_id, f"`{form.records}` in the document", document)
        found = found[step]
    if form.shape == "columns":
        yield from _of_columns(source_id, found)
    elif form.shape == "series":
        yield from _of_series(source_id, found)
    else:
        if not isinstance(found, list) or not all(isinstance(r, dict) for r in found):
            raise refusal(source_id, "a list of objects", found)
        for record in found:
            yield from (once(source_id, row) for row in _unnested(source_id, record, form.unnest))


def _unnested(
    source_id: str, record: dict[str, Any], lists: Sequence[str]
) -> Iterator[list[tuple[str, Any]]]:
    """The fields of each row that a record gives; with empty lists it gives one all the same."""
    if not lists:
        yield list(_flat(record))
        return
    name, *deeper = lists
    outer = list(_flat({k: v for k, v in record.items() if k != name}))
    inner = record.get(name) or [{}]
    if not isinstance(inner, list) or not all(isinstance(r, dict) for r in inner):
        raise refusal(source_id, f"a list of objects in `{name}`", inner)
    for one in inner:
        for fields in _unnested(source_id, one, deeper):
            yield [*outer, *((f"{name}.{field}", value) for field, value in fields)]


def _flat(record: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", v) for inner, v in value.items())
            # Nothing in it: nothing.
            if not value:
                yield key, None
        else:
            yield key, value


def _of_columns(source_id: str, found: Any) -> Iterator[Row]:
    lists = list(found.values()) if isinstance(found, dict) else [None]
    if not all(isinstance(v, list) and len(v) == len(lists[0]) for v in lists):
        raise refusal(source_id, "an object of lists of one length", found)
    for values in zip(*lists, strict=True):
        yield dict(zip(found, values, strict=True))


def _of_series(source_id: str, found: Any) -> Iterator[Row]:
    if not isinstance(found, dict) or not all(isinstance(v, dict) for v in found.values()):
        raise refusal(source_id, "an object of objects", found)
    for name, series in found.items():
        for period, value in series.items():
            yield {"name": name, "period": period, "value": value}
