"""A sample file of an unknown publisher, opened: what kind it is, and its rows as text.

Belongs here: telling the format of one file. Does not belong here: what its columns mean
(`sources.guesses`), writing a declaration (`sources.skeleton`).
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
import zipfile
from itertools import islice
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from core.errors import ContentError
from sources.declarations import Bounds
from sources.formats import decode
from sources.tables import Format

# A sample has no bounds yet: they are written from it.
_ANY = Bounds(min_rows=0, max_rows=10_000_000)


def opened(source_id: str, sample: Path) -> tuple[Format, pa.Table]:
    """Its format and all its rows, as text; raises ContentError for a file of no known kind."""
    form = _format(source_id, sample)
    with tempfile.TemporaryDirectory() as scratch:
        table = decode(source_id, sample, form, _ANY, Path(scratch)).drop(["row_number"])
    if not table.num_rows:
        raise ContentError(
            source_id,
            expected="a sample with a header and rows",
            found=f"no rows in {sample.name}",
            todo="give a whole file of the dataset",
        )
    return form, table


def _format(source_id: str, sample: Path) -> Format:
    try:
        return _seen_format(source_id, sample)
    except (ValueError, CalamineError, zipfile.BadZipFile) as error:
        raise ContentError(
            source_id,
            expected=f"a file that is what its name says: {sample.name}",
            found=f"one that cannot be read as such ({str(error)[:120]})",
            todo="look what the file is, and give it the ending of its kind",
        ) from error


def _seen_format(source_id: str, sample: Path) -> Format:
    suffix = sample.suffix.lower()
    if suffix in (".xls", ".xlsx"):
        return _workbook(sample)
    if suffix in (".json", ".geojson"):
        document = json.loads(sample.read_text(encoding="utf-8"))
        inner = document if isinstance(document, dict) else {}
        lists = {key: len(value) for key, value in inner.items() if isinstance(value, list)}
        if not lists:
            return Format(kind="json_objects")
        return Format(kind="json_records", records=max(lists, key=lambda key: lists[key]))
    if suffix == ".zip":
        with zipfile.ZipFile(sample) as archive:
            member = max(archive.infolist(), key=lambda one: one.file_size).filename
            text = archive.read(member)
        return _delimited(source_id, text).model_copy(update={"member": member})
    return _delimited(source_id, sample.read_bytes())


def _workbook(sample: Path) -> Format:
    """Its largest sheet; the header is the first row that is about as full as the fullest."""
    workbook = CalamineWorkbook.from_path(str(sample))
    sheets = {n: workbook.get_sheet_by_name(n).to_python(skip_empty_area=False)
              for n in workbook.sheet_names}  # fmt: skip
    name, rows = max(sheets.items(), key=lambda sheet: len(sheet[1]))
    filled = [sum(cell != "" for cell in row) for row in rows[:100]]
    full = max(filled, default=0)
    header = next((i for i, n in enumerate(filled) if n >= 0.8 * full), 0)
    return Format(kind="excel", sheet=name, skip_rows=header)


def _delimited(source_id: str, data: bytes) -> Format:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise ValueError("UTF-16: save it as UTF-8, or declare its encoding by hand")
    try:
        encoding, text = "utf-8", data.decode("utf-8-sig")
    except UnicodeDecodeError:
        encoding, text = "latin-1", data.decode("latin-1")
    with tempfile.NamedTemporaryFile(mode="w", encoding="utf-8", suffix=".csv", newline="") as copy:
        copy.write(text)
        copy.flush()
        try:
            with duckdb.connect() as connection:
                found = connection.execute(
                    "select Delimiter, Quote, SkipRows, HasHeader, len(Columns) from sniff_csv(?)",
                    [copy.name],
                ).fetchone()
        except duckdb.Error as error:
            raise ContentError(
                source_id,
                expected="a delimited text, an Excel workbook, JSON or a zip of a text",
                found=f"a file that none of them reads ({str(error).splitlines()[0][:120]})",
                todo="write the declaration by hand; the README walks through one",
            ) from error
    delimiter, quote, skipped, has_header, n = found or (",", '"', 0, True, 1)
    if titles := _titles(text, delimiter):
        skipped, has_header = max(skipped, titles), True
    names = () if has_header else tuple(f"column_{i}" for i in range(1, n + 1))
    return Format(
        kind="delimited",
        encoding=encoding,
        delimiter=delimiter,
        quote=quote if quote and len(quote) == 1 and quote.isprintable() else '"',
        header=has_header,
        names=names,
        skip_rows=skipped,
    )


def _titles(text: str, delimiter: str) -> int:
    """How many lines at its head are a title: one cell of them is filled at most."""
    rows = list(islice(csv.reader(io.StringIO(text), delimiter=delimiter), 100))
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    return next((i for i, n in enumerate(filled) if n > 1), 0)
