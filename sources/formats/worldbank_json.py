"""A page of the World Bank Indicators API: an array of a header and a list of records.

Belongs here: that array; `lastupdated` of the header stands in every row, for it is the clock of
the source. Does not belong here: paging and errors (`protocols.worldbank`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from sources.declarations import Bounds
from sources.formats.documents import Row, once, refusal, table_of
from sources.tables import Format


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """One row per record, nested ids as `country.id`, all text. Raises ContentError."""
    return table_of(source_id, path, form, bounds, _rows)


def _rows(source_id: str, document: Any, _: Format) -> Iterator[Row]:
    if not (isinstance(document, list) and len(document) == 2 and isinstance(document[0], dict)):
        raise refusal(source_id, "an array of a header and a list of records", document)
    header, records = document
    for record in records or []:
        if not isinstance(record, dict):
            raise refusal(source_id, "records that are objects", record)
        fields = [("lastupdated", header.get("lastupdated"))]
        for key, value in record.items():
            inner = value.items() if isinstance(value, dict) else ()
            fields += [(f"{key}.{k}", v) for k, v in inner] or [(key, value)]
        yield once(source_id, fields)
