"""Excel workbooks (.xls and .xlsx) through calamine: one declared sheet, cells as text.

Belongs here: sheet, preamble, and how a number cell is spelt. Does not belong here: meaning.
"""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from core.errors import ContentError, SchemaDrift
from sources.declarations import Bounds
from sources.formats.header import column_names, within_columns
from sources.tables import Format


def read(source_id: str, path: Path, form: Format, bounds: Bounds) -> pa.Table:
    """All columns of the sheet as text; an empty cell is null. Raises ContentError, SchemaDrift."""
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        sheets = workbook.sheet_names
        sheet = sheets[0] if form.sheet is None and len(sheets) == 1 else form.sheet
        if sheet is None or sheet not in sheets:
            raise SchemaDrift(
                source_id,
                expected=f"a sheet {form.sheet!r}" if form.sheet else "a single sheet",
                found=f"the sheets {sheets}",
                todo="compare the workbook with the declaration",
            )
        # Leading empty rows count: the declared preamble is a row number, as a person sees it.
        cells = workbook.get_sheet_by_name(sheet)
        within_columns(source_id, cells.total_width, bounds)
        enough = form.skip_rows + bounds.max_rows + 2
        rows = cells.to_python(skip_empty_area=False, nrows=enough)
    except CalamineError as error:
        raise ContentError(
            source_id,
            expected="an Excel workbook",
            found=f"bytes that cannot be opened as one ({error})",
            todo="fetch it again, or look at the publisher's page",
        ) from error
    if form.one_cell_per_row:
        rows = _lines(source_id, rows)
    if len(rows) <= form.skip_rows:
        raise SchemaDrift(
            source_id,
            expected=f"a header in row {form.skip_rows + 1}",
            found=f"a sheet of {len(rows)} rows",
            todo="compare the workbook with the declaration",
        )
    names = column_names(source_id, [_spelt(c) for c in rows[form.skip_rows]], bounds)
    columns = list(zip(*rows[form.skip_rows + 1 :], strict=True)) or [()] * len(names)
    spelt = [[_spelt(cell) for cell in column] for column in columns]
    if form.repair:
        spelt = [[_repaired(text) for text in column] for column in spelt]
    arrays = [pa.array(column, pa.string()) for column in spelt]
    return pa.Table.from_arrays(arrays, names=names)


def _lines(source_id: str, sheet: list[list[Any]]) -> list[list[Any]]:
    """The records of the comma-separated text that the cells are pieces of."""
    cells = (list(map(_spelt, row)) for row in sheet)
    # What was spilt goes back to where its line break was; the rest of a row is empty.
    text = "\n".join("\n".join(c or "" for c in row).rstrip("\n") for row in cells if any(row))
    try:
        # Strict: a quotation mark that is never closed would take all further rows for one text.
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        records: list[list[Any]] = [r for r in lines if r]
    except csv.Error as error:
        raise SchemaDrift(
            source_id,
            expected="comma-separated text in the first cell of each row",
            found=f"text that is none ({error})",
            todo="compare the workbook with the declaration; it may be cut off or changed",
        ) from error
    for number, record in enumerate(records, start=1):
        if len(record) != len(records[0]):
            raise SchemaDrift(
                source_id,
                expected=f"{len(records[0])} fields in every line of the sheet",
                found=f"{len(record)} in record {number:,}: {str(record)[:80]}",
                todo="compare the workbook with the declaration; it may be cut off or changed",
            )
    return records


def _spelt(cell: Any) -> str | None:
    # Workbooks hold every number as a float: 20001.0 is the code 20001.
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell) if cell != "" else None


def _repaired(text: str | None) -> str | None:
    """Text whose UTF-8 bytes were once read as Windows-1252; other text stays as it is.

    Five bytes mean nothing in Windows-1252. Programs read them as the control characters of those
    numbers (the č of Čačak).
    """
    try:
        return text and text.encode("cp1252", "latin1_controls").decode("utf-8")
    except UnicodeError:
        return text


def _control_as_byte(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return error.object[error.start : error.end].encode("latin-1"), error.end


codecs.register_error("latin1_controls", _control_as_byte)
