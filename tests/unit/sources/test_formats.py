"""Bytes → all-text tables: nothing sniffed, nothing lost, nothing trusted."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from sources.declarations import Format
from sources.errors import ContentError, SchemaDrift
from sources.formats import decode, zipped


def read(tmp_path: Path, data: bytes, **form: object) -> list[dict[str, object]]:
    path = tmp_path / "file"
    path.write_bytes(data)
    return decode("test", path, Format(**form), tmp_path / "scratch").to_pylist()  # type: ignore[arg-type]


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
    assert decode("test", path, form, tmp_path / "s").num_rows == 1


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
