"""What a publisher changes about a table: columns that come, go and are renamed; headers, rows."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.errors import SchemaDrift
from core.paths import DataPaths
from sources import catalog, fetch
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.formats.header import no_header
from sources.http import HttpClient
from sources.landing import ArchiveEntry
from sources.snapshot import SourceSnapshot
from tests.unit.sources.test_conform import source

LONG: dict[str, Any] = {
    "columns": {
        "City name": {"as": "ref_area"},
        "Year": {"as": "time_period"},
        "Value": {"indicator": "population"},
    }
}
GOOD = "City name,Year,Value\n" + "".join(f"City {n},2020,{n}\n" for n in range(100))


def obtained(tmp_path: Path, declared: Source, text: str) -> SourceSnapshot:
    file = tmp_path / "file"
    file.write_text(text, encoding="utf-8")
    digest = sha256(file.read_bytes()).hexdigest()
    moment = "2026-01-01T00:00:00+00:00"
    entry = ArchiveEntry(
        declared.source_id, "r", None, "https://example.org", file, digest, moment, 1
    )
    archive = {declared.source_id: [entry]}
    context = FetchContext(DataPaths(tmp_path / "data"), HttpClient(), archive=archive)
    return fetch.obtain(context, declared)


def declared(table: dict[str, Any] = LONG, **words: Any) -> Source:
    return source({**table, **words}, bounds={"min_rows": 1, "max_rows": 200})


def test_an_additional_column_is_refused_unless_it_may_be_reported(tmp_path: Path) -> None:
    more = "\n".join(f"{line},x" for line in GOOD.splitlines()).replace("Value,x", "Value,Note")
    (failure,) = obtained(tmp_path, declared(), more).failures
    assert "undeclared column 'Note'" in failure
    snapshot = obtained(tmp_path, declared(additional_columns="report"), more)
    assert snapshot.failures == ()
    assert snapshot.contents[0].facts["cells"] == 100
    assert snapshot.additional_columns == ("Note",)
    assert obtained(tmp_path, declared(additional_columns="report"), GOOD).additional_columns == ()


@pytest.mark.parametrize("policy", ["refuse", "report"])
def test_a_renamed_column_is_refused_and_the_new_name_proposed(tmp_path: Path, policy: str) -> None:
    renamed = GOOD.replace("City name", "City Name (EN)")
    (failure,) = obtained(tmp_path, declared(additional_columns=policy), renamed).failures
    assert "no column 'City name'" in failure
    assert "'City name' may now be 'City Name (EN)'" in failure


def test_a_column_by_position_is_never_only_reported() -> None:
    form = {"kind": "delimited", "header": False, "names": ("City name", "Year", "Value")}
    with pytest.raises(ValueError, match="told by position"):
        declared(format=form, additional_columns="report")


def test_a_column_with_the_name_of_a_computed_one_is_refused(tmp_path: Path) -> None:
    said = declared(computed={"Value": "'1'"})
    (failure,) = obtained(tmp_path, said, GOOD).failures
    assert "a column 'Value' in the file" in failure


HEADERLESS = {"kind": "delimited", "header": False, "names": ("City name", "Year", "Value")}


@pytest.mark.parametrize(
    ("row", "at"),
    [("place,period,figure", 0), ("place,period,figure", 50), ("City,2020,unknown", 0)],
)
def test_a_header_among_the_data_is_refused_however_few_its_cells(
    tmp_path: Path, row: str, at: int
) -> None:
    lines = GOOD.splitlines()[1:]
    said = declared(format=HEADERLESS)
    assert obtained(tmp_path, said, "\n".join(lines)).failures == ()
    (failure,) = obtained(tmp_path, said, "\n".join([*lines[:at], row, *lines[at:]])).failures
    assert f"{'row 51' if at else 'the first row'} with something else in their place" in failure


def test_a_single_cell_that_cannot_be_read_is_still_tolerated(tmp_path: Path) -> None:
    snapshot = obtained(tmp_path, declared(), GOOD.replace("City 7,2020,7", "City 7,2020,unknown"))
    assert snapshot.failures == ()


def test_no_declared_file_without_a_header_lets_one_in() -> None:
    """Names as a publisher writes them, in the place of every column that is declared."""
    for one in catalog.load().sources.values():
        for table in one.tables.values():
            if table.format.names:
                header = [name.replace("_", " ").title() for name in table.format.names]
                with pytest.raises(SchemaDrift, match="a first row of data"):
                    no_header(one.source_id, table.format.names, header)
