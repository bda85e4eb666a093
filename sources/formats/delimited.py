"""Delimited text (CSV, TSV), read by DuckDB with every option said and nothing sniffed.

Belongs here: encodings, headers, quoting. Does not belong here: missing-value markers, types.
"""

from __future__ import annotations

import codecs
import csv
import re
import shutil
import tempfile
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa

from core.errors import ContentError, SchemaDrift
from core.sql import in_memory
from sources.declarations import Bounds
from sources.formats.header import column_names, no_header
from sources.tables import Format

_CHUNK = 1 << 20
# Where lines may be short, DuckDB takes an open quotation mark for the end of the file, and says
# nothing: a last line of ours tells whether it came to the end. No publisher writes this character.
_END = "\ue000end"


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """All columns as text; an empty field is null. Raises ContentError, SchemaDrift."""
    plain = _is_plain(source_id, path, form)
    first = column_names(source_id, _first_row(path, form), bounds)
    if form.names:
        no_header(source_id, form.names, first)
    names = list(form.names) or first
    if plain and not (form.ragged or form.undoubled_quotes):
        return _query(source_id, str(path), names, form, bounds)
    with tempfile.NamedTemporaryFile(mode="w", encoding="utf-8", suffix=".csv", newline="") as copy:
        # One kind of line end, or the reader takes the file for a single line.
        with path.open(encoding=form.encoding, errors=form.encoding_errors, newline=None) as text:
            if form.undoubled_quotes:
                copy.write(_doubled(text.read(), form))
            else:
                shutil.copyfileobj(text, copy, _CHUNK)
        if form.ragged:
            copy.write(f"\n{_END}\n")
        copy.flush()
        return _query(source_id, copy.name, names, form, bounds)


def _query(source_id: str, file: str, names: list[str], form: Format, bounds: Bounds) -> pa.Table:
    fields = {f"c{i}": "VARCHAR" for i in range(len(names))}
    options = (
        "auto_detect=false, columns=$fields, delim=$delim, quote=$quote, escape=$quote,"
        " header=$header, skip=$skip, null_padding=$ragged, parallel=not $ragged,"
        " max_line_size=10000000, buffer_size=20000000"
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
    # A slice is cut while reading: what lies outside it never leaves DuckDB.
    only = {f"c{_position(source_id, n, names)}": list(t) for n, t in form.only.items()}
    where = " and ".join(f"list_contains(${c}, {c})" for c in only) or "true"
    query = (
        f"from read_csv($file, {options}) where ({where}) or c0 = '{_END}'"
        f" limit {bounds.max_rows + 1 + form.ragged}"
    )
    with in_memory() as connection:
        try:
            table = connection.execute(query, {**values, **only}).to_arrow_table()
        except duckdb.Error as error:
            said = str(error).splitlines()
            reason = next((x for x in said if "Expected" in x or "quote found" in x), said[0])
            line = re.search(r"on Line: (\d+)", said[0])
            reason = reason.strip(" .") + (f", in line {int(line[1]):,}" if line else "")
            raise SchemaDrift(
                source_id,
                expected=f"{len(names)} fields in every line ({', '.join(names[:4])}, …)",
                found=reason,
                todo="compare the file with the declaration; it may be cut off or changed",
            ) from error
    if form.ragged and table.num_rows <= bounds.max_rows + 1:
        table = _to_the_end(source_id, table)
    return table.rename_columns(names)


def _to_the_end(source_id: str, table: pa.Table) -> pa.Table:
    """The table without our last line. Raises SchemaDrift where that was not reached."""
    if not table.num_rows or table["c0"][-1].as_py() != _END:
        raise SchemaDrift(
            source_id,
            expected="a closing quotation mark for every opening one",
            found=f"one that stays open after {table.num_rows:,} rows: what follows would be lost",
            todo="fetch the file again; it may be cut off or changed",
        )
    return table.slice(0, table.num_rows - 1)


def _position(source_id: str, name: str, names: list[str]) -> int:
    if name not in names:
        raise SchemaDrift(
            source_id,
            expected=f"a column {name!r}, which the slice is cut by",
            found=f"the columns {', '.join(names[:8])}",
            todo="compare the file with the declaration; the last good content is used",
        )
    return names.index(name)


def _is_plain(source_id: str, path: Path, form: Format) -> bool:
    """Whether DuckDB can read the file as it lies there; by chunks, for a file may be larger than
    memory. Raises ContentError for a byte that is no text."""
    # In plain UTF-8 a byte order mark is text, and counts in positions.
    encoding = "utf-8" if form.encoding == "utf-8-sig" else form.encoding
    decoder = codecs.getincrementaldecoder(encoding)(form.encoding_errors)
    plain, before = encoding == "utf-8", 0
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            held = len(decoder.getstate()[0])  # the beginning of a character that the cut parted
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                at = before - held + error.start
                raise ContentError(
                    source_id,
                    expected=f"text in {form.encoding}",
                    found=f"byte {error.object[error.start]:#04x} at position {at:,}",
                    todo="check the `encoding` of the declaration, or fetch the file again",
                ) from error
            plain = plain and "\r" not in text
            before += len(chunk)
            if not chunk:
                return plain


def _doubled(text: str, form: Format) -> str:
    """The text with the marks doubled that stand within a field, where they are not yet."""
    quote, mark = re.escape(form.quote or ""), re.escape(form.delimiter)
    within = rf"(?<![{mark}\n])(?<!\A)({quote}+)(?![{mark}\n]|\Z)"
    return re.sub(within, lambda run: run[1] + (len(run[1]) % 2) * (form.quote or ""), text)


def _first_row(path: Path, form: Format) -> list[str]:
    with path.open(encoding=form.encoding, errors=form.encoding_errors, newline="") as text:
        if text.read(1) != "\ufeff":
            text.seek(0)
        lines = islice(text, form.skip_rows, None)
        if form.quote is None:
            reader = csv.reader(lines, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)
        else:
            reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote)
        return next(reader, [])
