"""The skeleton of a declaration, from a sample file: what can be seen, for a person to complete.

Belongs here: guessing format, columns and bounds of one file, and writing them as YAML with what
was seen beside every column. Does not belong here: meaning. What only a person knows (licence,
indicators, address) is left as TO_BE_NAMED, which the catalogue refuses until it is done.
"""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook

from core.errors import ContentError
from core.sql import identifier
from sources.declarations import TO_BE_NAMED, Bounds
from sources.formats import decode
from sources.tables import Format

_MEANINGS = (  # by the column's name, the first that matches
    (r"lat(itude)?(_deg)?", "latitude"),
    (r"(lon|lng)(gitude)?(_deg)?", "longitude"),
    (r"(.*[ _-])?(country|nation|iso[ _-]?[23a]?)([ _-].*)?", "country"),
    (r"(time_?period|year|jahr|date|time|month)", "time_period"),
    (r".*(flag|obs_status).*", "obs_status"),
    (
        r"(.*[ _])?(city|town|municipality|metro|place|location|name|stadt|ville)([ _].*)?",
        "ref_area",
    ),
    (r"(.*[ _])?(code|id|qid|fips|cbsa)([ _].*)?", "ref_area_code"),
    (r"(indic.*|measure|variable|indicator.*)", "indicator_code"),
)
_YEAR = r"\d{4}"
_WITHOUT_COUNTRY = (
    "resolve: {without_country: reject}  # no column of countries: probable, dominant, or the"
    " table's `constants: {country: …}`"
)
# A sample has no bounds yet: they are written from it.
_ANY = Bounds(min_rows=0, max_rows=10_000_000)


def skeleton(source_id: str, sample: Path) -> str:
    """YAML text for `sources/publishers/…`; raises ContentError for a file of no known kind."""
    form = _format(source_id, sample)
    with tempfile.TemporaryDirectory() as scratch:
        table = decode(source_id, sample, form, _ANY, Path(scratch)).drop(["row_number"])
    rows = table.num_rows
    if not rows:
        raise ContentError(
            source_id,
            expected="a sample with a header and rows",
            found=f"no rows in {sample.name}",
            todo="give a whole file of the dataset",
        )
    said = {k: v for k, v in form.model_dump(exclude_defaults=True).items() if v is not None}
    lines = [
        f"# Written from {sample.name}. Complete what says {TO_BE_NAMED}, and look at every guess.",
        *(f"{key}: {TO_BE_NAMED}" for key in ("title", "publisher", "homepage")),
        f"licence: not-stated  # {TO_BE_NAMED}: a key of catalog/licences.yml",
        f"attribution: {TO_BE_NAMED}",
        "authority: secondary  # official, secondary or community",
        "cadence: yearly  # daily, weekly, monthly, quarterly, yearly or frozen",
        f"edition: {TO_BE_NAMED}",
        f"reference_period: {_periods(table) or TO_BE_NAMED}",
        f"theme: {TO_BE_NAMED}",
        "spatial_unit: city_proper  # of catalog/codelists/spatial_unit.csv",
        *([] if _has_country(table) else [_WITHOUT_COUNTRY]),
        f"bounds: {{min_rows: {round(rows * 0.95)}, max_rows: {round(rows * 1.3) + 1}}}"
        f"  # {rows:,} rows in the sample",
        "tables:",
        "  sample:",
        f"    format: {json.dumps({'kind': form.kind, **said}, ensure_ascii=False)}",
        *(f"    {line}" for line in _around(table, sample, form)),
        "    columns:",
        *(f"      {line}" for line in _columns(table)),
        "access:",
        "  live:",
        f"    hosts: [{TO_BE_NAMED}]",
        f"    resources: {{sample: {{url: {TO_BE_NAMED}}}}}",
        "    table: sample",
        "  archive: {table: sample}",
    ]
    return "\n".join(lines) + "\n"


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
    if suffix == ".json":
        document = json.loads(sample.read_text(encoding="utf-8"))
        inner = document if isinstance(document, dict) else {}
        lists = [key for key, value in inner.items() if isinstance(value, list)]
        return (
            Format(kind="json_records", records=lists[0]) if lists else Format(kind="json_objects")
        )
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


def _has_country(table: pa.Table) -> bool:
    return any(_meaning(name) == "country" for name in table.column_names)


def _around(table: pa.Table, sample: Path, form: Format) -> Iterator[str]:
    """What a table says beside its columns, as far as the file shows that it has to."""
    if form.kind == "excel":
        others = [s for s in CalamineWorkbook.from_path(str(sample)).sheet_names if s != form.sheet]
        if others:
            yield f"# not read: the sheets {', '.join(others)}; each is a table of its own"
    if words := sorted({w for n in table.column_names for w in _words_for_nothing(table, n)}):
        yield f"missing: {json.dumps(['', *words], ensure_ascii=False)}  # no numbers among numbers"
    if not _periods(table):
        yield f'constants: {{time_period: "{TO_BE_NAMED}"}}  # no column says when'


def _words_for_nothing(table: pa.Table, name: str) -> list[str]:
    """The few texts of a column that is numbers otherwise."""
    column = identifier(name)
    with duckdb.connect() as connection:
        connection.register("sample", table)
        rows = connection.execute(
            f"""select trim({column}) as word, count(*) as n,
                try_cast({column} as double) is not null as is_number
            from sample where trim({column}) != '' group by all order by n desc"""
        ).fetchall()
    words = [(word, n) for word, n, is_number in rows if not is_number]
    numbers = sum(n for _, n, is_number in rows if is_number)
    # "n/a", "-", "..": two or three of them, fewer than there are numbers. "2A004" is a code.
    few = len(words) <= 3 and sum(n for _, n in words) < numbers
    few &= all(len(word) <= 10 and not re.search(r"\d", word) for word, _ in words)
    return [word for word, _ in words] if few else []


def _place(table: pa.Table) -> str | None:
    """The column that has the places, where no name says so: the first of many different texts."""
    if any(_meaning(n) in ("ref_area", "ref_area_code") for n in table.column_names):
        return None
    for name in map(str, table.column_names):
        count, numbers, _low, _high, _example = _seen(table, name)
        differ = len(set(table[name].to_pylist())) > 0.5 * count
        if _meaning(name) is None and numbers == 0 and count and differ:
            return name
    return None


def _columns(table: pa.Table) -> Iterator[str]:
    """One line per column, or one for all the columns that are years."""
    years = [n for n in table.column_names if re.fullmatch(_YEAR, n)]
    taken: set[str] = set()
    place = _place(table)
    for name in table.column_names:
        if name in years[1:]:
            continue
        key, meaning = json.dumps(name, ensure_ascii=False), _meaning(name)
        count, numbers, low, high, example = _seen(table, name)
        if name in years:
            key = f"'/({_YEAR.replace(chr(92), chr(92))})/'"
            said, seen = rf"{{indicator: {TO_BE_NAMED}, time_period: '\1'}}", f"{len(years)} years"
        elif meaning and meaning not in taken:
            taken.add(meaning)
            said, seen = f"{{as: {meaning}}}", f"{count:,} filled, as {example!r}"
        elif name == place:
            said, seen = "{as: ref_area}", f"is it the place? {count:,} filled, as {example!r}"
        elif numbers == count == table.num_rows and table[name].to_pylist() == [
            str(n) for n in range(1, count + 1)
        ]:
            said, seen = "{as: note}", f"the rows, numbered from 1 to {count:,}"
        elif (
            numbers
            and numbers
            + sum(table[name].to_pylist().count(w) for w in _words_for_nothing(table, name))
            >= count
        ):
            said = f"{{indicator: {TO_BE_NAMED}}}"
            seen = f"{numbers:,} numbers from {low:g} to {high:g}"
            if low >= 1700 and high <= 2100 and low != high:
                seen += "; if they are years, `as: time_period` or `as: note`"
        else:
            said = "{as: note}"
            seen = f"{count:,} filled, {numbers:,} of them numbers, as {example!r}"
            if meaning in ("ref_area", "country"):
                seen += f"; of the far end of a link, `as: to_{meaning}`"
        yield f"{key}: {said}  # {seen}"


def _meaning(name: str) -> str | None:
    folded = name.strip().casefold()
    return next((m for pattern, m in _MEANINGS if re.fullmatch(pattern, folded)), None)


def _seen(table: pa.Table, name: str) -> tuple[int, int, float, float, str]:
    """How many texts, how many of them numbers, from where to where, and the first text."""
    column = identifier(name)
    with duckdb.connect() as connection:
        connection.register("sample", table)
        row = connection.execute(
            f"""select count({column}), count(try_cast({column} as double)),
                coalesce(min(try_cast({column} as double)), 0),
                coalesce(max(try_cast({column} as double)), 0), coalesce(first({column}), '')
            from sample where trim({column}) != ''"""
        ).fetchone()
    count, numbers, low, high, example = row or (0, 0, 0.0, 0.0, "")
    return count, numbers, low, high, str(example)[:40]


def _periods(table: pa.Table) -> str | None:
    years = sorted(n for n in table.column_names if re.fullmatch(_YEAR, n))
    for name in table.column_names if not years else ():
        if _meaning(name) == "time_period":
            years = sorted({y[:4] for y in table[name].to_pylist() if y and y[:4].isdigit()})
            break
    return f"{years[0]}-{years[-1]}" if years else None
