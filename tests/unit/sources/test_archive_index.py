"""An archive index may say anything: what one line does wrong is its source's failure alone."""

from __future__ import annotations

import csv
import os
import time
from pathlib import Path
from typing import Any

import pytest

from core.errors import ContentError
from core.files import sha256_of
from core.paths import DataPaths, inside
from sources import fetch
from sources.declarations import Source
from sources.fetch import FetchContext
from sources.http import HttpClient
from sources.landing import INDEX_COLUMNS, blob_path, export, read_index, remove_leftovers
from sources.receipt import Receipt, receipts
from sources.snapshot import SourceSnapshot, store, stored_snapshot

TABLE = "city,year,population\nIzmir,2020,4400000\nOslo,2020,700000\nRome,2020,2800000\n"
GOOD = {
    "source": "test__one",
    "resource": "all",
    "table": "",
    "url": "https://example.org/all.csv",
    "file": "all.csv",
    "retrieved_at": "2026-01-01T00:00:00+00:00",
}


def source(source_id: str) -> Source:
    document: dict[str, Any] = {
        "source_id": source_id,
        "publisher": "Test",
        "title": "Test",
        "homepage": "https://example.org",
        "licence": "cc-by-4.0",
        "attribution": "Test",
        "authority": "official",
        "cadence": "yearly",
        "edition": "1",
        "reference_period": "2020",
        "theme": "population",
        "spatial_unit": "city_proper",
        "bounds": {"min_rows": 2, "max_rows": 10, "min_cities": 3},
        "tables": {
            "csv": {
                "format": {"kind": "delimited"},
                "columns": {
                    "city": {"as": "ref_area"},
                    "year": {"as": "time_period"},
                    "population": {"indicator": "population"},
                },
            }
        },
        "access": {"archive": {"table": "csv"}},
    }
    return Source(**document)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "all.csv").write_text(TABLE, encoding="utf-8")
    return folder


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    return DataPaths(tmp_path / "home" / "data").create()


def index(folder: Path, *lines: dict[str, str] | list[str]) -> Path:
    good = {**GOOD, "sha256": sha256_of(folder / "all.csv")}
    path = folder / "index.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(INDEX_COLUMNS)
        for line in lines:
            whole = [{**good, **line}[c] for c in INDEX_COLUMNS] if isinstance(line, dict) else line
            writer.writerow(whole)
    return path


def obtained(paths: DataPaths, path: Path, source_id: str) -> SourceSnapshot:
    context = FetchContext(paths, HttpClient(), archive=read_index(path, path.parent))
    return fetch.obtain(context, source(source_id))


def files_of(folder: Path) -> set[Path]:
    return {p for p in folder.rglob("*") if p.is_file()}


WRONG = {
    "resource that climbs": ({"resource": "../../../x"}, "`resource` up to 100 letters"),
    "resource with NUL": ({"resource": "a\0b"}, "`resource`"),
    "resource too long": ({"resource": "r" * 300}, "`resource`"),
    "resource that ends a line": ({"resource": "all\n"}, "`resource`"),
    "no resource": ({"resource": ""}, "`resource`"),
    "unknown table": ({"table": "nowhere"}, "`table` one of csv"),
    "table that is none": ({"table": "a/b"}, "`table`"),
    "address of a file": ({"url": "file:///etc/passwd"}, "`url` an address"),
    "address with an escape": ({"url": "https://host/\x1b[2J"}, "`url`"),
    "no address": ({"url": ""}, "`url`"),
    "file that climbs": ({"file": "../../etc/passwd"}, "under the archive root"),
    "absolute file": ({"file": "/etc/passwd"}, "under the archive root"),
    "file with NUL": ({"file": "all.csv\0"}, "`file`"),
    "file with a name too long": ({"file": "f" * 300}, "`file` a path whose parts"),
    "no file": ({"file": ""}, "`file`"),
    "file that is the root": ({"file": "."}, "archived file"),
    "no hash": ({"sha256": ""}, "`sha256` 64 hexadecimal digits"),
    "half a hash": ({"sha256": "ab" * 16}, "`sha256` 64 hexadecimal digits"),
    "date in words": ({"retrieved_at": "yesterday"}, "`retrieved_at` a time in ISO 8601"),
    "date that climbs": ({"retrieved_at": "../../../../20260101"}, "`retrieved_at`"),
    "date to come": ({"retrieved_at": "9999-12-31T23:59:59+00:00"}, "a time that has passed"),
    "no date": ({"retrieved_at": ""}, "`retrieved_at`"),
    "too few fields": (["test__one", "all"], "as many fields as the header has"),
    "too many fields": (["test__one", *"abcdefgh"], "as many fields as the header has"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_a_line_does_wrong_is_its_sources_failure_and_no_other_is_stopped(
    archive: Path, paths: DataPaths, tmp_path: Path, wrong: str
) -> None:
    line, said = WRONG[wrong]
    path = index(archive, line, {"source": "test__two"})
    before = files_of(tmp_path)
    one, two = (obtained(paths, path, s) for s in ("test__one", "test__two"))
    assert (one.state, two.state) == ("unavailable", "archive"), two.failures
    (failure,) = one.failures
    assert said in failure
    if wrong not in ("file that is the root",):
        assert "line 2 of the archive index" in failure or "line 3" in failure
    assert "What to do:" in failure
    assert failure.isprintable()
    assert {p for p in files_of(tmp_path) - before if not p.is_relative_to(paths.root)} == set()
    assert [r.resource for r in receipts(paths.receipts, "test__one")] == []


def test_a_good_line_gives_its_source_with_the_time_in_utc(archive: Path, paths: DataPaths) -> None:
    line = {"retrieved_at": "2026-01-01T02:30:00+02:00", "sha256": ""}
    line["sha256"] = sha256_of(archive / "all.csv").upper()
    snapshot = obtained(paths, index(archive, line), "test__one")
    assert (snapshot.state, snapshot.failures) == ("archive", ())
    assert snapshot.retrieved_at == "2026-01-01T00:30:00+00:00"


def test_a_line_whose_source_is_no_id_is_told_and_stops_nothing(
    archive: Path, paths: DataPaths
) -> None:
    path = index(archive, {"source": "../../evil"}, {"source": "test__two"})
    entries = read_index(path, archive)
    (evil,) = entries["../../evil"]
    assert evil.fault is not None
    assert "`source` an id, as publisher__dataset" in str(evil.fault)
    assert obtained(paths, path, "test__two").state == "archive"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"city,population\nIzmir,1\n",
        b"\xff\xfe\x00binary",
        b'source,resource,table,url,file,sha256,retrieved_at\n"never closed,a,b\nx__y,,,,,,\n',
        b"source,resource,table,url,file,sha256,retrieved_at\n" + b"x" * 200_000,
    ],
)
def test_what_is_no_index_at_all_is_refused_as_a_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "index.csv"
    path.write_bytes(content)
    with pytest.raises(ContentError, match="an index with the columns source, resource"):
        read_index(path, tmp_path)


def test_an_index_that_a_spreadsheet_wrote_is_read(archive: Path) -> None:
    path = index(archive, {})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [e.fault for e in read_index(path, archive)["test__one"]] == [None]


def test_a_link_in_the_archive_cannot_lead_out_of_it(archive: Path, paths: DataPaths) -> None:
    (archive.parent / "secret.csv").write_text(TABLE, encoding="utf-8")
    (archive / "link.csv").symlink_to("../secret.csv")
    snapshot = obtained(paths, index(archive, {"file": "link.csv"}), "test__one")
    assert "under the archive root" in snapshot.failures[0]
    assert "a link that leads out of it" in snapshot.failures[0]


# --- names of files out of data -----------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["..", ".", "", "a/b", "/etc", "a\0", "a\nb", "\x1b[2J", "x" * 201, "\udcff", "\u202e"]
)
def test_a_name_out_of_data_cannot_be_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a file"):
        inside(tmp_path, "a", name)


def test_names_in_every_script_are_names(tmp_path: Path) -> None:
    assert inside(tmp_path, "北京", "São Paulo.json") == tmp_path / "北京" / "São Paulo.json"


def test_a_link_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "out").symlink_to(tmp_path)
    with pytest.raises(ValueError, match="leads out of home"):
        inside(tmp_path / "home", "out", "x")


def test_receipts_snapshots_and_blobs_stay_inside_of_the_data_home(
    paths: DataPaths, tmp_path: Path
) -> None:
    fields = {"source_id": "a__b", "resource": "r", "retrieved_at": "2026-01-01T00:00:00+00:00"}
    for name in fields:
        said = {**fields, name: "../../../../out"}
        receipt = Receipt(**said, access_method="live", table="t", url="", sha256="ab" * 32, size=1,
                          licence="x")  # fmt: skip
        with pytest.raises(ValueError, match="cannot be the name"):
            receipt.write(paths.receipts)
        if name != "retrieved_at":
            with pytest.raises((ValueError, FileNotFoundError)):
                export(paths, [receipt], tmp_path / "out")
    with pytest.raises(ValueError, match="cannot be the name"):
        store(paths, SourceSnapshot("../x", None, False, (), (), "now"))
    with pytest.raises(ValueError, match="cannot be the name"):
        stored_snapshot(paths, "../x")
    with pytest.raises(ValueError, match="is no SHA-256"):
        blob_path(paths, "../" * 21 + "x")


# --- what runs that died have left --------------------------------------------------------------


def test_what_a_dead_run_left_half_written_goes_and_nothing_else(paths: DataPaths) -> None:
    old = time.time() - 2 * 3600
    left = [
        paths.temporary / "fetch-dead",
        paths.blobs / "ab" / ".abab.123456",
        paths.raw / "content" / ".version.123456",
    ]
    kept = [paths.temporary / "fetch-now", paths.blobs / "ab" / "abab", paths.raw / "content" / "v"]
    for path in (*left, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half")
        if path != kept[0]:
            os.utime(path, (old, old))
    (paths.temporary / "folder").mkdir()
    (paths.temporary / "folder" / "x").touch()
    os.utime(paths.temporary / "folder", (old, old))
    assert remove_leftovers(paths) == 4
    assert not any(p.exists() for p in (*left, paths.temporary / "folder"))
    assert all(p.exists() for p in kept)
    assert remove_leftovers(paths) == 0
