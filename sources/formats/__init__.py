"""Bytes → Arrow, all text: every source column, untouched labels, row numbers.

Belongs here: one module per format, and `decode`, which chooses. Does not belong here: what a
column means (`conform`), or whether the content is plausible (`accept`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from core.errors import ContentError
from sources.declarations import Bounds
from sources.formats import (
    delimited,
    excel,
    json_objects,
    json_records,
    jsonstat,
    sparql_json,
    worldbank_json,
)
from sources.formats.header import within_rows
from sources.formats.zipped import unzipped
from sources.tables import Format

_READERS: dict[str, Callable[[str, Path, Format, Bounds], pa.Table]] = {
    "delimited": delimited.read,
    "excel": excel.read,
    "json_objects": json_objects.read,
    "json_records": json_records.read,
    "jsonstat": jsonstat.read,
    "sparql_json": sparql_json.read,
    "worldbank_json": worldbank_json.read,
}
_MARKUP = re.compile(rb"^\s*(?:\xef\xbb\xbf)?\s*(<!doctype|<html|<\?xml|<soap|<error)", re.I)


def decode(source_id: str, path: Path, form: Format, bounds: Bounds, scratch: Path) -> pa.Table:
    """Read one file as its declared format.

    Grain: one row per record, all columns text, plus `row_number` (int64, from 1, in file order).
    Raises ContentError (not the declared kind of file, undecodable byte) or SchemaDrift (ragged, or
    more rows or columns than `bounds` allow: reading stops there).
    """
    with unzipped(source_id, path, form.member, scratch) as file:
        with file.open("rb") as stream:
            head = stream.read(512)
        if found := _MARKUP.match(head):
            raise ContentError(
                source_id,
                expected=f"a file of the kind {form.kind}",
                found=f"a page of markup that begins with {found[1].decode('ascii', 'replace')!r}",
                todo="open the address in a browser: the publisher answers with a page or an error",
            )
        table = _READERS[form.kind](source_id, file, form, bounds)
    within_rows(source_id, table.num_rows, bounds)
    numbers = pa.array(range(1, table.num_rows + 1), pa.int64())
    return table.add_column(0, "row_number", numbers)
