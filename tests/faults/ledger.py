"""Is every text of an accepted body in its cells? Counted by readers other than the software's.

A body is read a second time, with the standard library (csv, json; a workbook with openpyxl). Each
of its records must be a row of the table that the software made of it, with as many texts, and in
delimited text the same ones. The table must be in the cells text by text: each row once for every
declared column of values.

Belongs here: that balance. Does not belong here: what the texts mean.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import openpyxl
import pyarrow as pa

from sources.declarations import Source
from sources.tables import Format, Table

_UNKNOWN = "/.well-known/genid/"


def lost(source: Source, table: Table, body: bytes, raw: pa.Table, cells: pa.Table) -> str:
    """What is not where it should be, if anything; without a word of the body."""
    rows = list(range(1, raw.num_rows + 1))
    if raw["row_number"].to_pylist() != rows:
        return "the rows of the table are not numbered from 1"
    columns: dict[str, dict[int, str | None]] = {}
    names, numbers = cells["column_name"].to_pylist(), cells["row_number"].to_pylist()
    for name, number, text in zip(names, numbers, cells["value_text"].to_pylist(), strict=True):
        columns.setdefault(name, {})[number] = text
    if sum(map(len, columns.values())) != cells.num_rows:
        return "a row is twice among the cells of a column"
    if columns.keys() != _of_values(source, table, raw):
        return f"cells of {len(columns)} columns, not of those that are declared"
    for position, (name, texts) in enumerate(columns.items()):
        if [*texts] != rows:
            return f"{len(texts)} cells of {len(rows)} rows in column {position} of the values"
        if name in raw.column_names and [*texts.values()] != raw[name].to_pylist():
            return f"other texts than in the table in column {position} of the values"
    # Here a text may be as long as it likes; other readers keep their limit.
    limit = csv.field_size_limit(1 << 30)
    try:
        records = _records(body, table.format)
        there = [held for record in records if (held := [v for v in record if v not in (None, "")])]
    except _Unreadable:
        return ""
    finally:
        csv.field_size_limit(limit)
    rows_read = zip(*(raw[n].to_pylist() for n in raw.column_names[1:]), strict=True)
    here = [held for row in rows_read if (held := [v for v in row if v is not None])]
    if [*map(len, there)] != [*map(len, here)]:
        counts = [(len(rows), sum(map(len, rows))) for rows in (there, here)]
        return "{} records of {} texts in the body, {} of {} in the table".format(*sum(counts, ()))
    return "other texts" if table.format.kind == "delimited" and there != here else ""


class _Unreadable(Exception):
    """The second reader does not take the body, so it cannot say what is in there."""


def _of_values(source: Source, table: Table, raw: pa.Table) -> set[str]:
    """Columns that have a cell in every row: the first key that fits a name says what it is."""
    wanted = {"gazetteer": ("name",), "codelist": ("label",)}.get(source.role, (None, "value"))
    found = {}
    for name in [*raw.column_names[1:], *table.computed]:
        keys = (
            k for k in table.columns if re.fullmatch(k[1:-1] if k[0] == "/" else re.escape(k), name)
        )
        # A column that nothing names is reported, and no cell comes of it.
        key = next(keys, None)
        found[name] = table.columns[key].meaning if key else "ignored"
    return {name for name, meaning in found.items() if meaning in wanted}


def _records(body: bytes, form: Format) -> Iterator[Sequence[Any]]:
    """What stands in each record, the empty texts too."""
    if body.startswith(b"\x1f\x8b"):
        body = gzip.decompress(body)
    elif form.member:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            body = archive.read(form.member)
    if form.kind == "delimited":
        yield from _lines(body, form)
    elif form.kind == "excel":
        yield from _sheet(body, form)
    else:
        for about, document in _documents(body.decode(form.encoding), form):
            for record in _of_document(document, form):
                yield [*about, *record]


def _lines(body: bytes, form: Format) -> Iterator[list[str]]:
    if form.only:
        raise _Unreadable
    text = body.decode(form.encoding, form.encoding_errors).removeprefix("\ufeff")
    lines = io.StringIO(re.sub("\r\n?", "\n", text), newline="\n")
    for _ in range(form.skip_rows):
        lines.readline()
    reader = csv.reader(
        lines,
        delimiter=form.delimiter,
        quotechar=form.quote,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
    )
    if form.header:
        next(reader)
    return reader


def _sheet(body: bytes, form: Format) -> Iterator[tuple[Any, ...]]:
    if form.one_cell_per_row:
        raise _Unreadable
    try:
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        sheet = book[form.sheet or book.sheetnames[0]]
        sheet.reset_dimensions()
        yield from sheet.iter_rows(min_row=form.skip_rows + 2, values_only=True)
    # An older form of file, or parts that it holds to be wrong.
    except Exception as error:
        raise _Unreadable from error


def _documents(text: str, form: Format) -> Iterator[tuple[list[Any], Any]]:
    for line in filter(None, text.split("\n")) if form.pages else [text]:
        answer = _parsed(line)
        if not form.pages:
            yield [], answer
        elif answer["status"] == "200":
            yield list(answer.get("about", {}).values()), _parsed(answer["body"])


def _parsed(text: str) -> Any:
    # Numbers as they are written (0.10), and control characters within texts.
    return json.loads(text, parse_int=str, parse_float=str, strict=False)


def _of_document(document: Any, form: Format) -> Iterator[list[Any]]:
    """The texts of each record, in the document's order."""
    match form.kind:
        case "json_objects":
            objects = document.values() if isinstance(document, dict) else document
            yield from (list(o.values()) for o in objects)
        case "worldbank_json":
            for record in document[1] or []:
                yield [document[0].get("lastupdated"), *_leaves(record, "{}")]
        case "sparql_json":
            for binding in document["results"]["bindings"]:
                known = [t for t in binding.values() if t is not None and t["type"] != "bnode"]
                yield [t["value"] for t in known if _UNKNOWN not in str(t["value"])]
        case "jsonstat":
            yield from _positions(document)
        case _:
            for step in filter(None, form.records.split(".")):
                document = document[step]
            if form.shape == "columns":
                yield from map(list, zip(*document.values(), strict=True))
            elif form.shape == "series":
                yield from ([n, p, v] for n, s in document.items() for p, v in s.items())
            else:
                yield from map(_leaves, document)


def _leaves(record: dict[str, Any], *empty: str) -> list[Any]:
    """Values, and those of the objects among them; `empty`: what one without any stands for."""
    nested = [[*v.values()] or empty if isinstance(v, dict) else [v] for v in record.values()]
    return [leaf for leaves in nested for leaf in leaves]


def _positions(cube: dict[str, Any]) -> Iterator[list[Any]]:
    values, flags = cube["value"], cube.get("status") or {}
    values = dict(enumerate(values)) if isinstance(values, list) else values
    flags = dict.fromkeys(values, flags) if isinstance(flags, str) else flags
    flags = dict(enumerate(flags)) if isinstance(flags, list) else flags
    given = ({str(k): v for k, v in of.items() if v is not None} for of in (values, flags))
    values, flags = given
    for position in sorted(values.keys() | flags.keys(), key=int):
        at, codes = int(position), []
        for name, size in zip(reversed(cube["id"]), reversed(cube["size"]), strict=True):
            at, index = divmod(at, int(size))
            category = cube["dimension"][name]["category"]
            order = category.get("index")
            order = list(category["label"]) if order is None else order
            if isinstance(order, dict):
                order = [code for code, _ in sorted(order.items(), key=lambda item: int(item[1]))]
            code = order[index]
            codes += [code, category.get("label", {}).get(code)]
        yield [*codes, values.get(position), flags.get(position)]
