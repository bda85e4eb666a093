"""What breaks the process that reads a file fails that file, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.errors import ContentError
from sources import confined as room
from sources.confined import confined
from sources.declarations import Bounds
from sources.formats import decode
from sources.tables import Format

ANY = Bounds(min_rows=0, max_rows=100)
_NS = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types"/>',
    "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{_NS}/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
    f'<Relationship Id="r1" Type="{_NS}/officeDocument/2006/relationships/worksheet"'
    ' Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_NS}/spreadsheetml/2006/main"'
    f' xmlns:r="{_NS}/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1"'
    ' r:id="r1"/></sheets></workbook>',
}


def _workbook(path: Path, last: str) -> Path:
    """A sheet with a header, one row, and one more cell at `last`."""
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{t}</t></is></c></row>'
        for n, t in ((1, "city"), (2, "Oslo"))
    )
    row = "".join(c for c in last if c.isdigit())
    far = f'<row r="{row}"><c r="{last}"><v>1</v></c></row>'
    rows = f"<sheetData>{cells}{far}</sheetData>"
    sheet = f'<worksheet xmlns="{_NS}/spreadsheetml/2006/main">{rows}</worksheet>'
    with ZipFile(path, "w") as archive:
        for name, text in {**_PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            archive.writestr(name, text)
    return path


def test_one_cell_far_out_fails_its_file_and_the_next_is_read(tmp_path: Path) -> None:
    form = Format(kind="excel")
    hostile = _workbook(tmp_path / "far.xlsx", "XFD1048576")
    assert hostile.stat().st_size < 3000
    with pytest.raises(ContentError, match=r"a__b: .*has died"):
        confined("a__b", 9, decode, "a__b", hostile, form, ANY, tmp_path)
    near = _workbook(tmp_path / "near.xlsx", "A3")
    good = confined("a__b", 9, decode, "a__b", near, form, ANY, tmp_path)
    assert good.column("city").to_pylist() == ["Oslo", "1"]


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_idle", room.SimpleQueue())
    monkeypatch.setattr(room, "MAX_SECONDS", 0.2)
    with pytest.raises(ContentError, match=r"no answer within 0\.2 s"):
        confined("a__b", 9, time.sleep, 60)
    assert room._idle.empty()


def test_more_memory_than_allowed_is_an_error_of_the_source_and_the_process_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "_idle", room.SimpleQueue())
    monkeypatch.setattr(room, "BYTES", 1 << 29)
    with pytest.raises(ContentError, match=r"0\.5 GiB within 60 s; found .*more memory"):
        confined("a__b", 9, _take, room.BYTES + (1 << 20))
    one, other = confined("a__b", 9, os.getpid), confined("a__b", 9, os.getpid)
    assert one == other != os.getpid()


def test_memory_follows_from_the_rows_that_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_idle", room.SimpleQueue())
    monkeypatch.setattr(room, "BYTES", 1 << 29)
    much = 700 << 20
    with pytest.raises(ContentError, match=r"0\.5 GiB"):
        confined("a__b", 9, _take, much)
    assert confined("a__b", 1 << 16, _take, much) == much


def _take(size: int) -> int:
    return len(bytearray(size))


def test_there_is_no_key_in_a_process_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_idle", room.SimpleQueue())
    monkeypatch.setenv("WCN_DEMO_KEY", "a key of ours")
    assert confined("a__b", 9, os.getenv, "PATH") == os.environ["PATH"]
    assert confined("a__b", 9, os.getenv, "WCN_DEMO_KEY") is None
