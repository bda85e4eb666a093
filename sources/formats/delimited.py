"""Delimited text (CSV, TSV), read by DuckDB with every option said and nothing sniffed.

Belongs here: encodings, headers, quoting. Does not belong here: missing-value markers, types.
"""

from __future__ import annotations

import csv
import tempfile
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from sources.declarations import Format
from sources.errors import ContentError, SchemaDrift
from sources.formats.header import column_names


def read(source_id: str, path: Path, form: Format) -> pa.Table:
    """All columns as text; an empty field is null. Raises ContentError, SchemaDrift."""
    text = _text(source_id, path, form)
    names = list(form.names) if form.names else _header(text, form)
    with tempfile.NamedTemporaryFile(mode="w", encoding="utf-8", suffix=".csv", newline="") as copy:
        plain = form.encoding in ("utf-8", "utf-8-sig") and "\r" not in text
        if not plain:
            # One kind of line end, or the reader takes the file for a single line.
            copy.write(text.replace("\r\n", "\n").replace("\r", "\n"))
            copy.flush()
        return _query(source_id, str(path) if plain else copy.name, names, form)


def _query(source_id: str, file: str, names: list[str], form: Format) -> pa.Table:
    fields = {f"c{i}": "VARCHAR" for i in range(len(names))}
    options = (
        "auto_detect=false, columns=$fields, delim=$delim, quote=$quote, escape=$quote,"
        " header=$header, skip=$skip, null_padding=$ragged, parallel=not $ragged,"
        " max_line_size=10000000"
    )
    values = {
        "file": file,
        "fields": fields,
        "delim": form.delimiter,
        "quote": form.quote or "",
        "header": form.header,
        "ragged": form.ragged,
        "skip": form.skip_rows,
    }
    with duckdb.connect() as connection:
        try:
            table = connection.execute(f"from read_csv($file, {options})", values).to_arrow_table()
        except duckdb.Error as error:
            line = str(error).splitlines()
            reason = next((x for x in line if "Expected" in x or "quote" in x), line[0])
            raise SchemaDrift(
                source_id,
                expected=f"{len(names)} fields in every line ({', '.join(names[:4])}, …)",
                found=reason.strip(),
                todo="compare the file with the declaration; it may be cut off or changed",
            ) from error
    return table.rename_columns(names)


def _text(source_id: str, path: Path, form: Format) -> str:
    data, encoding = path.read_bytes(), form.encoding
    try:
        return data.decode(encoding, errors=form.encoding_errors)
    except UnicodeDecodeError as error:
        raise ContentError(
            source_id,
            expected=f"text in {encoding}",
            found=f"byte {data[error.start]:#04x} at position {error.start:,}",
            todo="check the `encoding` of the declaration, or fetch the file again",
        ) from error


def _header(text: str, form: Format) -> list[str]:
    lines = islice(text.removeprefix("\ufeff").splitlines(keepends=True), form.skip_rows, None)
    if form.quote is None:
        reader = csv.reader(lines, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote)
    return column_names(next(reader, []))
