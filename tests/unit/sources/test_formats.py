"""Bytes → all-text tables: nothing sniffed, nothing lost, nothing trusted."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from core.errors import ContentError, SchemaDrift
from sources.declarations import Bounds
from sources.formats import decode, zipped
from sources.tables import Format
from tests.fixtures.workbook import workbook

ANY = Bounds(min_rows=0, max_rows=1_000_000)


def read(tmp_path: Path, data: bytes, **form: object) -> list[dict[str, object]]:
    path = tmp_path / "file"
    path.write_bytes(data)
    return decode("test", path, Format(**form), ANY, tmp_path / "scratch").to_pylist()  # type: ignore[arg-type]


def test_every_value_stays_text_and_na_stays_na(tmp_path: Path) -> None:
    rows = read(tmp_path, b"iso,code\nNA,007\n", kind="delimited")
    assert rows == [{"row_number": 1, "iso": "NA", "code": "007"}]


def test_line_breaks_in_quoted_headers_and_values_are_one_field(tmp_path: Path) -> None:
    rows = read(tmp_path, b'a,"people\r\n(10^4)"\r\n1,"x\ny"\r\n', kind="delimited")
    assert rows == [{"row_number": 1, "a": "1", "people (10^4)": "x\ny"}]


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    rows = read(tmp_path, "\ufeffcity\nOslo\n".encode(), kind="delimited", encoding="utf-8-sig")
    assert rows == [{"row_number": 1, "city": "Oslo"}]


def test_another_encoding_is_read_as_declared(tmp_path: Path) -> None:
    rows = read(tmp_path, "city\nOrléans\n".encode("latin-1"), kind="delimited", encoding="latin-1")
    assert rows[0]["city"] == "Orléans"


def test_a_short_row_is_drift_unless_the_file_is_declared_ragged(tmp_path: Path) -> None:
    with pytest.raises(SchemaDrift, match="2 fields in every line"):
        read(tmp_path, b"a,b\n1,2\n3\n", kind="delimited")
    rows = read(tmp_path, b"a,b\n1,2\n3\n", kind="delimited", ragged=True)
    assert rows[1] == {"row_number": 2, "a": "3", "b": None}


def test_a_long_row_is_drift(tmp_path: Path) -> None:
    with pytest.raises(SchemaDrift):
        read(tmp_path, b"a,b\n1,2,3\n", kind="delimited")


def test_repeated_and_empty_header_names_are_numbered(tmp_path: Path) -> None:
    rows = read(tmp_path, b"a,a,\n1,2,3\n", kind="delimited")
    assert list(rows[0]) == ["row_number", "a", "a (2)", "(unnamed 3)"]


NAMES = ("1\ttr\tİstanbul", "2\tunlc\tTRIST", "3\t\tx", "4\ten\tIstanbul", "5\tiata\tIST")
SLICE: dict[str, object] = {"kind": "delimited", "delimiter": "\t", "quote": None, "header": False}
SLICE |= {"names": ("id", "language", "name"), "only": {"language": ("iata", "unlc")}}


def test_a_slice_keeps_its_rows_in_the_order_of_the_file(tmp_path: Path) -> None:
    rows = read(tmp_path, "\n".join(NAMES * 100_000).encode(), **SLICE)
    assert rows[:2] == [
        {"row_number": 1, "id": "2", "language": "unlc", "name": "TRIST"},
        {"row_number": 2, "id": "5", "language": "iata", "name": "IST"},
    ]
    assert [r["row_number"] for r in rows] == list(range(1, 200_001))
    assert [r["id"] for r in rows] == ["2", "5"] * 100_000


def test_a_slice_is_cut_by_columns_of_the_header_too(tmp_path: Path) -> None:
    data = b"a,b,n\nx,1,1\nx,2,2\ny,1,3\n"
    only = {"a": ("x",), "b": ("1", "3")}
    assert [r["n"] for r in read(tmp_path, data, kind="delimited", only=only)] == ["1"]
    with pytest.raises(SchemaDrift, match="a column 'c'"):
        read(tmp_path, data, kind="delimited", only={"c": ("x",)})


def test_a_damaged_row_outside_the_slice_is_drift_all_the_same(tmp_path: Path) -> None:
    with pytest.raises(SchemaDrift, match="3 fields in every line"):
        read(tmp_path, "\n".join([*NAMES, "6\ttr"]).encode(), **SLICE)


def test_only_delimited_files_have_slices() -> None:
    with pytest.raises(ValueError, match="delimited"):
        Format(kind="excel", only={"a": ("x",)})


# The reader decodes by chunks of a mebibyte; "é" takes two bytes, and the second one is parted.
PARTED = b"city\n" + b"x" * ((1 << 20) - 6) + "é".encode()


@pytest.mark.parametrize(
    ("data", "encoding", "found"),
    [
        (b"city\nOrl\xe9ans\n", "utf-8", "0xe9 at position 8"),
        (b"\xef\xbb\xbfcity\nOrl\xe9ans\n", "utf-8-sig", "0xe9 at position 11"),
        (PARTED + b"\n\xff\n", "utf-8", "0xff at position 1,048,578"),
        (PARTED[:-1] + b"\n", "utf-8", "0xc3 at position 1,048,575"),
        (PARTED[:-1], "utf-8", "0xc3 at position 1,048,575"),
        (b"city\n\x81\n", "cp1252", "0x81 at position 5"),
    ],
)
def test_an_undecodable_byte_is_named_with_its_position(
    tmp_path: Path, data: bytes, encoding: str, found: str
) -> None:
    with pytest.raises(ContentError, match=found):
        read(tmp_path, data, kind="delimited", encoding=encoding)


def test_an_undecodable_byte_outside_a_slice_is_refused_too(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="0xff at position 5"):
        read(tmp_path, b"1\ttr\t\xff\n2\tiata\tIST\n", **SLICE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_one(tmp_path: Path, encoding: str, end: str) -> None:
    data = end.join(["a note", "city", "Orléans", "Genève", ""]).encode(encoding)
    rows = read(tmp_path, data, kind="delimited", encoding=encoding, skip_rows=1)
    assert [r["city"] for r in rows] == ["Orléans", "Genève"]


SPILT: list[list[object]] = [
    ["city,stations,pm25"],
    ['"Kabul, AFG","Urban', "Traffic", 'Urban",19.5'],
    ['Oslo,"Urban'],
    ['Rural",7'],
    ["Rome,,NA"],
]


def test_a_csv_that_was_pasted_into_cells_is_read_as_one_text(tmp_path: Path) -> None:
    rows = read(tmp_path, workbook("any", SPILT), kind="excel", one_cell_per_row=True)
    assert rows == [
        {
            "row_number": 1,
            "city": "Kabul, AFG",
            "stations": "Urban\nTraffic\nUrban",
            "pm25": "19.5",
        },
        {"row_number": 2, "city": "Oslo", "stations": "Urban\nRural", "pm25": "7"},
        {"row_number": 3, "city": "Rome", "stations": None, "pm25": "NA"},
    ]


def test_texts_that_were_encoded_twice_are_read_back(tmp_path: Path) -> None:
    """Even where Windows-1252 has no character for a byte: the second Č of Čačak, Łódź."""
    twice = [
        "".join(bytes([b]).decode("cp1252", "replace").replace("�", chr(b)) for b in text.encode())
        for text in ("Čačak", "Łódź", "Liège")
    ]
    rows = [["city"], *([text] for text in twice), ["Orléans"]]
    found = read(tmp_path, workbook("any", rows), kind="excel", repair="utf8_read_as_cp1252")
    assert [r["city"] for r in found] == ["Čačak", "Łódź", "Liège", "Orléans"]


def test_a_pasted_csv_that_lost_a_piece_is_drift(tmp_path: Path) -> None:
    data = workbook("any", [*SPILT, ["Bern,1"]])
    with pytest.raises(SchemaDrift, match=r"3 fields in every line.*2 in record 5"):
        read(tmp_path, data, kind="excel", one_cell_per_row=True)


def test_a_workbook_of_several_sheets_needs_the_name_of_one(tmp_path: Path) -> None:
    pages = [["city"], ["Oslo"]]
    assert read(tmp_path, workbook("any", pages), kind="excel")[0]["city"] == "Oslo"
    with pytest.raises(SchemaDrift, match="a sheet 'Data'"):
        read(tmp_path, workbook("any", pages), kind="excel", sheet="Data")
    with pytest.raises(SchemaDrift, match=r"a single sheet.*'any', 'notes'"):
        read(tmp_path, workbook("any", pages, "notes"), kind="excel")


@pytest.mark.parametrize("kind", ["delimited", "excel", "json_objects"])
def test_a_web_page_is_no_data_in_any_format(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ContentError, match="page of markup"):
        read(tmp_path, b"\n <!DOCTYPE html><html>", kind=kind, sheet="Data")


def test_bytes_that_are_no_workbook_are_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="Excel workbook"):
        read(tmp_path, b"PK\x03\x04 not really", kind="excel", sheet="Data")


def test_objects_by_id_become_rows(tmp_path: Path) -> None:
    data = '{"1": {"name": "Oslo", "names": ["Осло"], "n": 0.5}, "2": {"name": "Rome"}}'
    rows = read(tmp_path, data.encode(), kind="json_objects")
    assert rows[0] == {"row_number": 1, "name": "Oslo", "names": '["Осло"]', "n": "0.5"}
    assert rows[1]["names"] is None


def zip_of(path: Path, name: str, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return path


def test_the_declared_member_is_taken_out_of_a_zip(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", "data.csv", b"a\n1\n")
    form = Format(kind="delimited", member="data.csv")
    assert decode("test", path, form, ANY, tmp_path / "s").num_rows == 1


def test_a_member_that_would_leave_the_folder_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", "../data.csv", b"a\n1\n")
    with (
        pytest.raises(ContentError, match="a zip with"),
        zipped.unzipped("test", path, "../data.csv", tmp_path),
    ):
        pass


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", "data.csv", b"0" * 10_000_000)
    with (
        pytest.raises(ContentError, match="compression"),
        zipped.unzipped("test", path, "data.csv", tmp_path),
    ):
        pass


def test_a_truncated_zip_is_refused(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.zip", "data.csv", b"a\n1\n" * 1000)
    path.write_bytes(path.read_bytes()[:-30])
    with (
        pytest.raises(ContentError, match="whole zip"),
        zipped.unzipped("test", path, "data.csv", tmp_path),
    ):
        pass


UNDOUBLED = b"""city,value,note
"OSLO","7","1,2"
"a ""doubled"" mark","8",
"id","note"
"1","Data refer to "cantons" rather than to cities."
"2","Population of "city proper""
"3","UT.
"
"""


def test_a_quotation_mark_that_no_separator_touches_is_text_where_declared(tmp_path: Path) -> None:
    form = {"kind": "delimited", "ragged": True}
    with pytest.raises(SchemaDrift, match="unterminated quote found, in line 5"):
        read(tmp_path, UNDOUBLED, **form)
    rows = read(tmp_path, UNDOUBLED, **form, undoubled_quotes=True)
    assert [list(r.values())[1:] for r in rows] == [
        ["OSLO", "7", "1,2"],
        ['a "doubled" mark', "8", None],
        ["id", "note", None],
        ["1", 'Data refer to "cantons" rather than to cities.', None],
        ["2", 'Population of "city proper"', None],
        ["3", "UT.\n", None],
    ]


def test_a_quote_that_stays_open_is_refused_with_undoubled_ones_too(tmp_path: Path) -> None:
    cut = UNDOUBLED[: UNDOUBLED.index(b"ons")]
    with pytest.raises(SchemaDrift, match="quot"):
        read(tmp_path, cut, kind="delimited", ragged=True, undoubled_quotes=True)


NAMED: dict[str, object] = {"kind": "delimited", "header": False}


@pytest.mark.parametrize(
    ("names", "header"),
    [
        (("metro", "cbsa", "year", "quarter", "index"), b'"Metro","CBSA","yr","qtr","index_nsa"\n'),
        (("airline", "airline_id", "from"), b"Airline,Airline ID,Source airport\n"),
        (("code", "label"), b"CODE,Label - English\n"),
    ],
)
def test_a_header_in_a_file_that_had_none_is_refused(
    tmp_path: Path, names: tuple[str, ...], header: bytes
) -> None:
    row = b",".join([b"1"] * len(names)) + b"\n"
    assert len(read(tmp_path, row, **NAMED, names=names)) == 1
    with pytest.raises(SchemaDrift, match="a first row of data"):
        read(tmp_path, header + row, **NAMED, names=names)


def test_a_body_that_is_packed_is_read_as_what_it_holds(tmp_path: Path) -> None:
    packed = gzip.compress(b"city,value\nOslo,7\n")
    rows = read(tmp_path, packed, kind="delimited")
    assert rows == [{"row_number": 1, "city": "Oslo", "value": "7"}]
    with pytest.raises(ContentError, match="gzip"):
        read(tmp_path, packed[:-9], kind="delimited")
    with pytest.raises(ContentError, match="compression"):
        read(tmp_path, gzip.compress(b"\n" * 10_000_000), kind="delimited")
