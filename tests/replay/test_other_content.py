"""Other content than expected, for every recorded file: refused with the reason, or counted.

What the door lets in is a change that can be counted, cell by cell; whether it is plausible is for
the gates (`tests/integration/test_corruption.py`). Files that are damaged are in
`tests/integration/test_corrupted_content.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import SourceError
from core.files import sha256_of
from core.paths import DataPaths
from core.settings import ROOT
from core.sql import in_memory
from sources import accept, catalog, conform, editions, fetch
from sources.declarations import Bounds, Source
from sources.fetch import FetchContext
from sources.formats.header import column_names
from sources.http import HttpClient
from sources.landing import ArchiveEntry, read_index
from sources.parse import parse
from sources.snapshot import Content
from sources.tables import Column, Table

RECORDINGS = ROOT.parent / "shared" / "recordings"
INDEX = ROOT / "sources" / "recorded.csv"
SOURCES = catalog.load().sources
ARCHIVE = read_index(INDEX, RECORDINGS)
# One file of each recorded resource: the newest edition.
NEWEST = [e for entries in ARCHIVE.values() for e in editions.newest(entries)]
FILES = {(e.source, e.resource): e for e in NEWEST}

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="no folder shared/recordings beside the repository"
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> DataPaths:
    return DataPaths(tmp_path_factory.mktemp("other"))


# --- what is in the place of the file


def _table(entry: ArchiveEntry) -> Table:
    source = SOURCES[entry.source]
    access = source.access.archive
    assert access is not None
    of_resource = access.resources.get(entry.resource)
    return source.tables[entry.table or (of_resource and of_resource.table) or access.table]


def _previous(entry: ArchiveEntry) -> ArchiveEntry | None:
    """The edition before, read as it is declared."""
    before = [e for e in ARCHIVE[entry.source] if e.resource == entry.resource and e != entry]
    return max(before, key=lambda e: e.retrieved_at, default=None)


def _of_another_source(entry: ArchiveEntry) -> ArchiveEntry:
    """The file of another source: one of the same form where there is one, or any."""
    mine = _table(entry)
    others = [e for e in NEWEST if e.source != entry.source]
    alike = [e for e in others if [*_table(e).columns] == [*mine.columns]]
    at = NEWEST.index(entry)
    return alike[0] if alike else next(e for e in NEWEST[at:] + NEWEST if e.source != entry.source)


def _with_header(entry: ArchiveEntry, into: Path) -> ArchiveEntry:
    """A header before a file that has none."""
    form = _table(entry).format
    header = form.delimiter.join(n.replace("_", " ").upper() for n in form.names)
    file = into / "with_header"
    if form.member is None:
        file.write_bytes(header.encode() + b"\n" + entry.file.read_bytes())
    else:
        with ZipFile(entry.file) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
            new.writestr(form.member, header.encode() + b"\n" + old.read(form.member))
    return _replaced(entry, file)


def _replaced(entry: ArchiveEntry, file: Path) -> ArchiveEntry:
    return replace(entry, file=file, sha256=sha256_of(file))


# --- what is done to its rows and columns


def _without_header(source_id: str, raw: pa.Table, _: Table) -> pa.Table:
    """The first row in the place of the header."""
    rest = raw.slice(1).drop_columns(["row_number"])
    first = [raw[n][0].as_py() for n in rest.column_names]
    names = column_names(source_id, first, Bounds(min_rows=0, max_rows=0))
    return rest.rename_columns(names).add_column(0, "row_number", raw["row_number"][: len(raw) - 1])


def _label_and_figure(_: str, raw: pa.Table, table: Table) -> pa.Table | None:
    labels = _named(raw, table, ("ref_area", "ref_area_code", "note"))
    figures = [*_figures(raw, table), *_named(raw, table, ("time_period", "year", "latitude"))]
    pairs = [(a, b) for a in labels for b in figures if a != b]
    return _exchanged(raw, *pairs[0]) if pairs else None


def _two_figures(_: str, raw: pa.Table, table: Table) -> pa.Table | None:
    figures = _figures(raw, table)
    pairs = [(figures[0], n) for n in figures[1:] if raw[n] != raw[figures[0]]]
    return _exchanged(raw, *pairs[-1]) if pairs else None


def _exchanged(raw: pa.Table, one: str, other: str) -> pa.Table:
    names = [{one: other, other: one}.get(n, n) for n in raw.column_names]
    return raw.rename_columns(names).select(raw.column_names)


def _thousandth(_: str, raw: pa.Table, table: Table) -> pa.Table:
    """One more digit for a figure, or one more letter for a text, in every thousandth row."""
    texts = ("note", "ref_area", "ref_area_code", "label", "name")
    name = [*_figures(raw, table), *_named(raw, table, texts)][0]
    with in_memory() as connection:
        connection.register("raw", raw)
        return connection.execute(
            f"""with counted as (
                select *, count("{name}") over () // 2 as middle,
                    row_number() over (partition by "{name}" is null order by row_number) as n
                from raw
            )
            select * exclude (n, middle)
                replace (if((n - middle) % 1000 = 0, "{name}" || '1', "{name}") as "{name}")
            from counted order by row_number"""
        ).to_arrow_table()


def _figures(raw: pa.Table, table: Table) -> list[str]:
    return _of(raw, table, lambda c: c.meaning in (None, "value") and not c.filter)


def _named(raw: pa.Table, table: Table, meanings: tuple[str, ...]) -> list[str]:
    return [n for m in meanings for n in _of(raw, table, lambda c, m=m: c.meaning == m)]


def _of(raw: pa.Table, table: Table, chosen: Callable[[Column], bool]) -> list[str]:
    """Columns of the file whose declaration is chosen, in the order of the declaration."""
    keys = [(key, key[1:-1] if key[0] == "/" else re.escape(key)) for key in table.columns]
    return [
        name
        for key, pattern in keys
        if chosen(table.columns[key])
        for name in raw.column_names[1:]
        if re.fullmatch(pattern, name)
    ]


FILE_KINDS = ("the previous edition", "the file of another source", "a header added")
TABLE_KINDS: dict[str, Callable[[str, pa.Table, Table], pa.Table | None]] = {
    "the header removed": _without_header,
    "a label and a figure exchanged": _label_and_figure,
    "two figures exchanged": _two_figures,
    "a thousandth of its rows changed": _thousandth,
}


# --- the test


def _cases() -> list[tuple[str, str, str]]:
    found = []
    for (source_id, resource), entry in FILES.items():
        form = _table(entry).format
        kinds = [*FILE_KINDS, *TABLE_KINDS]
        if _previous(entry) is None:
            kinds.remove("the previous edition")
        if not form.names:
            kinds.remove("a header added")
        if form.names or form.kind not in ("delimited", "excel"):
            kinds.remove("the header removed")
        found += [(source_id, resource, kind) for kind in kinds]
    return found


@pytest.mark.parametrize(("source_id", "resource", "kind"), _cases())
def test_other_content_is_refused_with_the_reason_or_its_change_is_counted(
    paths: DataPaths, tmp_path: Path, source_id: str, resource: str, kind: str
) -> None:
    entry, source = FILES[source_id, resource], SOURCES[source_id]
    good, table = _content(paths, source_id, resource), _table(entry)
    folder = good.folder(paths)
    changed = None
    if kind in TABLE_KINDS:
        raw = pq.read_table(folder / "table.parquet")
        with _refused(source_id) as said:
            if (changed := TABLE_KINDS[kind](source_id, raw, table)) is None:
                pytest.skip("this file has no such columns")
            cells = _judged(source, resource, table, changed)
    else:
        with _refused(source_id) as said:
            other = _obtained(paths, source, _other(entry, kind, tmp_path))
            cells = pq.read_table(other.folder(paths) / "cells.parquet")
    if said:
        return
    assert kind not in ("the file of another source", "a header added", "the header removed")
    counted = _rows_that_differ(pq.read_table(folder / "cells.parquet"), cells)
    assert counted > 0
    if kind == "a thousandth of its rows changed":
        # Each changed row has a cell, or several where they share its label.
        assert counted >= _rows_that_differ(raw, changed) > 0


@contextmanager
def _refused(source_id: str) -> Iterator[list[str]]:
    """What is said where the content is refused: of which source, what is wrong, what to do."""
    said: list[str] = []
    try:
        yield said
    except SourceError as error:
        said.append(str(error))
    assert all(f"{source_id}: expected" in s and "What to do:" in s for s in said)


def _other(entry: ArchiveEntry, kind: str, into: Path) -> ArchiveEntry:
    if kind == "the previous edition":
        previous = _previous(entry)
        assert previous is not None
        return previous
    if kind == "a header added":
        return _with_header(entry, into)
    return _replaced(entry, _of_another_source(entry).file)


@cache
def _content(paths: DataPaths, source_id: str, resource: str) -> Content:
    return _obtained(paths, SOURCES[source_id], FILES[source_id, resource])


def _obtained(paths: DataPaths, source: Source, entry: ArchiveEntry) -> Content:
    """What the door makes of one file. Raises SourceError, as it does."""
    context = FetchContext(paths, HttpClient(), archive={source.source_id: [entry]})
    (receipt,) = fetch._archived(context, source, [entry], [])
    return parse(paths, source, receipt, lambda text: None)


def _judged(source: Source, resource: str, table: Table, raw: pa.Table) -> pa.Table:
    cells = conform.cells(source, resource, table, "changed", raw)
    accept.accept(source, resource, table, accept.facts(table, raw, cells))
    return cells


def _rows_that_differ(before: pa.Table, after: pa.Table) -> int:
    """Rows of `after` that `before` does not have, each as often as it is there."""
    with in_memory() as connection:
        connection.register("before", before)
        connection.register("after", after)
        columns = ", ".join(f'"{n}"' for n in before.column_names if n != "content_id")
        select = f"select {columns} from"
        query = f"select count(*) from ({select} after except all {select} before)"
        (counted,) = connection.execute(query).fetchone() or (0,)
        return int(counted)
