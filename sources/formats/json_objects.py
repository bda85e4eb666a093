"""A JSON file of objects: an array of them, or an object of them by id.

Belongs here: flattening one level into text columns. Does not belong here: JSON-stat or APIs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from core.errors import ContentError
from sources.declarations import Bounds
from sources.formats.header import within_columns, within_rows
from sources.tables import Format


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """One row per object, one text column per key; nested values stay JSON text."""
    try:
        # A third of the time that the standard library takes: gazetteers have 80 MB.
        document = orjson.loads(path.read_text(encoding=form.encoding))
    except ValueError as error:  # also text in another encoding
        raise ContentError(
            source_id,
            expected="a JSON document",
            found=f"text that is not JSON ({error})",
            todo="fetch it again, or look at the publisher's page",
        ) from error
    objects = list(document.values()) if isinstance(document, dict) else document
    if not isinstance(objects, list) or not all(isinstance(o, dict) for o in objects):
        raise ContentError(
            source_id,
            expected="JSON objects",
            found=f"a JSON {type(document).__name__} of other things",
            todo="compare the file with the declaration",
        )
    within_rows(source_id, len(objects), bounds)
    names = list(dict.fromkeys(key for o in objects for key in o))
    within_columns(source_id, len(names), bounds)
    arrays = [pa.array([_text(o.get(name)) for o in objects], pa.string()) for name in names]
    return pa.Table.from_arrays(arrays, names=names)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value or None
    # Numbers as Python writes them: 1e-05, not 1e-5.
    return repr(value) if type(value) in (int, float) else orjson.dumps(value).decode()
