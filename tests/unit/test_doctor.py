"""The doctor says what is wrong with a data home, mends what can be mended, and loses nothing."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from core.paths import DataPaths
from releases import history, integrity, journal, pointer
from releases.store import ReleaseStore
from sources.landing import blob_path, land
from sources.receipt import Receipt
from sources.snapshot import Content, SourceSnapshot, store
from tests.fixtures import releases as made
from tests.fixtures.releases import flip
from tests.fixtures.warehouse import Warehouse
from warehouse import doctor, landed

V1, V2 = (f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2))
LONG_AGO = time.time() - 2 * doctor.UNDERWAY


def _age(path: Path) -> None:
    for each in [path, *path.rglob("*")]:
        os.utime(each, (LONG_AGO, LONG_AGO), follow_symlinks=False)


def _landed(paths: DataPaths, text: str, at: str, method: str = "live") -> Receipt:
    """Bytes of the resource `table` of the source `demo__one`, with receipt and decoded tables."""
    file = paths.temporary / "answer"
    file.write_text(text, encoding="utf-8")
    sha256, size = land(paths, "demo__one", file)
    file.unlink()
    receipt = Receipt("demo__one", "table", method, "table", "https://x", at, sha256, size, "CC0")  # type: ignore[arg-type]
    receipt.write(paths.receipts)
    folder = paths.raw / receipt.content_id / "parser"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("table.parquet", "cells.parquet"):
        pq.write_table(pa.table({"a": [1]}), folder / name)
    (folder / "facts.json").write_text("{}", encoding="utf-8")
    return receipt


def _content(receipt: Receipt, parse_version: str = "parser") -> Content:
    return Content(
        receipt.source_id, receipt.resource, receipt.content_id, receipt.sha256, "table",
        parse_version, {}, asdict(receipt),
    )  # fmt: skip


@pytest.fixture
def paths(tmp_path: Path) -> DataPaths:
    """A data home with two releases and a source that was landed once."""
    home = DataPaths(tmp_path / "data").create()
    for number, version in enumerate((V1, V2), start=1):
        made.publish(home.releases, version, {1: float(number)})
    receipt = _landed(home, "first", "2026-01-01T00:00:00+00:00")
    content = (_content(receipt),)
    store(home, SourceSnapshot("demo__one", "live", False, content, (), receipt.retrieved_at))
    return home


def _blob(paths: DataPaths) -> Path:
    (blob,) = paths.blobs.glob("*/*")
    return blob


def test_nothing_is_wrong_with_a_sound_data_home(paths: DataPaths) -> None:
    assert doctor.examine(paths) == []


def _behind(paths: DataPaths) -> None:
    (paths.releases / "current").unlink()
    (paths.releases / "current").symlink_to(V1)


def _replaced(paths: DataPaths) -> None:
    (paths.releases / "current").unlink()
    (paths.releases / "current").mkdir()
    (paths.releases / "current" / "mine.txt").write_text("keep me", encoding="utf-8")


def _half_made(paths: DataPaths) -> None:
    for name in (f".making-{V2}", f".going-{V2}"):
        (paths.releases / name / "parquet").mkdir(parents=True)
        (paths.releases / name / "parquet").chmod(0o555)
    (paths.releases / history.FOLDER / "000002.tmp").touch()


def _half_lines(paths: DataPaths) -> None:
    for log in (paths.releases / pointer.LOG, paths.refusals, paths.accepted_breaks):
        with log.open("a", encoding="utf-8") as stream:
            stream.write('{"half": ')


def _history_flipped(paths: DataPaths) -> None:
    flip(history.path(paths.releases, 2), 100)


def _old_history_flipped(paths: DataPaths) -> None:
    flip(history.path(paths.releases, 1), 100)


def _writable(paths: DataPaths) -> None:
    (paths.releases / V1 / integrity.WAREHOUSE).chmod(0o666)


def _left_in_tmp(paths: DataPaths) -> None:
    (paths.temporary / "pages-1").mkdir()
    (paths.temporary / "pages-1" / "a").touch()
    (paths.temporary / "answer").touch()
    (paths.raw / _blob(paths).name / ".parser.123456").mkdir(parents=True)
    for left in (*paths.temporary.iterdir(), *paths.raw.glob("*/.*")):
        _age(left)


def _receipt_cut(paths: DataPaths) -> None:
    (receipt,) = paths.receipts.glob("*/*.json")
    receipt.write_text(receipt.read_text(encoding="utf-8")[:20], encoding="utf-8")


def _receipt_of_no_blob(paths: DataPaths) -> None:
    (receipt,) = paths.receipts.glob("*/*.json")
    said = json.loads(receipt.read_text(encoding="utf-8"))
    receipt.write_text(json.dumps({**said, "sha256": "../../etc"}), encoding="utf-8")


def _snapshot_of_no_form(paths: DataPaths) -> None:
    (paths.snapshots / "demo__one.json").write_text("5", encoding="utf-8")


def _snapshot_of_another_form(paths: DataPaths) -> None:
    (paths.snapshots / "demo__one.json").write_text('{"contents": 1}', encoding="utf-8")


def _raw_cut(paths: DataPaths) -> None:
    (cells,) = paths.raw.glob("*/*/cells.parquet")
    cells.write_bytes(cells.read_bytes()[:-9])


@pytest.mark.parametrize(
    ("damage", "part", "said"),
    [
        (_behind, "releases", "a move is not finished"),
        (_replaced, "releases", "current is a folder"),
        (_half_made, "releases", "left half-made or half-deleted"),
        (_half_lines, "releases", "moves.jsonl ends in a half-written line"),
        (_half_lines, "landing/refusals.jsonl", "ends in a half-written line"),
        (_half_lines, "landing/accepted_breaks.jsonl", "ends in a half-written line"),
        (_history_flipped, "releases", "000002.parquet is not as it was written"),
        (_old_history_flipped, "releases", "000001.parquet is not as it was written"),
        (_writable, "releases", "may be written to"),
        (_left_in_tmp, "tmp", "answer was left there"),
        (_left_in_tmp, "raw", ".parser.123456 was left there"),
        (_receipt_cut, "landing/receipts", "cannot be read"),
        (_receipt_of_no_blob, "landing/receipts", "is no SHA-256"),
        (_snapshot_of_another_form, "landing/snapshots", "cannot be read"),
        (_snapshot_of_no_form, "landing/snapshots", "cannot be read"),
        (_raw_cut, "raw", "cannot be read"),
    ],
)
def test_what_can_be_mended_is_said_and_mended(
    paths: DataPaths, damage: Callable[[DataPaths], None], part: str, said: str
) -> None:
    damage(paths)
    found = doctor.examine(paths)
    assert any(f.part == part and said in f.text and f.mend for f in found), found
    assert any(f.part == part and said in f.text for f in doctor.mend(paths))
    assert doctor.examine(paths) == []
    assert ReleaseStore(paths.releases).audit().faults == []
    assert pointer.current(paths.releases) == V2


def test_mending_deletes_nothing_that_a_person_may_have_put_there(paths: DataPaths) -> None:
    _replaced(paths)
    doctor.mend(paths)
    (aside,) = paths.releases.glob(".aside-current-*")
    assert (aside / "mine.txt").read_text(encoding="utf-8") == "keep me"


def test_a_damaged_blob_is_moved_aside_so_that_the_next_run_can_land_it_again(
    paths: DataPaths,
) -> None:
    blob = _blob(paths)
    flip(blob)
    doctor.mend(paths)
    assert not blob.exists()
    assert len(list((paths.root / "landing" / "damaged").iterdir())) == 1
    left = doctor.examine(paths)
    assert {f.part for f in left} == {"landing/receipts", "landing/snapshots"}
    assert all("bytes that are not there" in f.text for f in left)
    _landed(paths, "first", "2026-01-02T00:00:00+00:00")
    assert doctor.examine(paths) == []


@pytest.mark.parametrize("damage", ["release", "log"])
def test_what_cannot_be_mended_is_said_and_left_as_it_is(paths: DataPaths, damage: str) -> None:
    path = paths.releases / (f"{V1}/{integrity.WAREHOUSE}" if damage == "release" else pointer.LOG)
    flip(path, 0)
    before = path.read_bytes()
    assert doctor.mend(paths) == []
    (found,) = (f for f in doctor.examine(paths) if f.is_fault)
    assert "backup" in found.text
    assert path.read_bytes() == before


def test_what_is_being_written_just_now_is_left_alone(paths: DataPaths) -> None:
    (paths.temporary / "answer").touch()
    assert doctor.examine(paths) == []
    assert doctor.mend(paths) == []
    assert (paths.temporary / "answer").exists()


def test_looking_needs_no_lock_and_mending_waits_for_nobody(paths: DataPaths) -> None:
    _behind(paths)
    with FileLock(paths.build / ".lock"):
        assert len(doctor.examine(paths)) == 1
        with pytest.raises(doctor.Busy, match="a build is running"):
            doctor.mend(paths)
        assert pointer.current(paths.releases) == V1


def test_looking_changes_nothing(paths: DataPaths) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.lstat().st_mtime_ns, p.lstat().st_ino) for p in paths.root.rglob("*")}

    for damage in (_behind, _half_made, _half_lines, _history_flipped, _receipt_cut):
        damage(paths)
    before = state()
    assert len(doctor.examine(paths)) >= 6
    assert state() == before


def test_disk_use_counts_every_byte_once(paths: DataPaths) -> None:
    counted = {u.part: u for u in doctor.disk_use(paths)}
    files = [p for p in paths.root.rglob("*") if p.is_file() and not p.is_symlink()]
    inside_current = paths.releases / "current"
    files = [p for p in files if inside_current not in p.parents]
    assert sum(u.size for u in counted.values()) == sum(p.stat().st_size for p in files)
    assert (counted["landing/blobs"].files, counted["landing/blobs"].size) == (1, 5)


def test_the_command_says_it_all_and_fails_where_there_are_faults(paths: DataPaths) -> None:
    here = Warehouse(paths)
    assert "no faults" in here.wcn("doctor")
    _history_flipped(paths)
    _behind(paths)
    said = here.wcn("doctor", ok=False)
    assert "landing/blobs" in said
    assert "fault: releases: history/000002.parquet" in said
    assert f"untidy: releases: current is {V1}" in said
    said = here.wcn("doctor", "--mend")
    assert said.count("mended: releases: ") == 2
    assert "no faults" in said


# What nothing needs


def _three_editions(paths: DataPaths) -> list[Receipt]:
    """The first is in a release, the last in the snapshot and newest, the one between nowhere."""
    receipts = [r for p in paths.receipts.glob("*/*") for r in [json.loads(p.read_text("utf-8"))]]
    first = Receipt(**receipts[0])
    path = made.writable(paths.releases / V2 / "manifest.json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["build"] = {"sources": {"demo__one": {"contents": [asdict(_content(first))]}}}
    path.write_text(json.dumps(manifest), encoding="utf-8")
    other = made.writable(paths.releases / V1 / "manifest.json")
    other.write_text(json.dumps(manifest | {"version": V1}), encoding="utf-8")
    later = [_landed(paths, f"{n}", f"2026-0{n}-01T00:00:00+00:00") for n in (2, 3)]
    content = (_content(later[-1]),)
    store(paths, SourceSnapshot("demo__one", "live", False, content, (), "2026-03-01"))
    _age(paths.root / "landing")
    _age(paths.raw)
    return [first, *later]


def test_only_what_nothing_needs_is_pruned(paths: DataPaths) -> None:
    first, between, last = _three_editions(paths)
    (paths.raw / last.content_id / "older-parser").mkdir()
    _age(paths.raw)
    going = landed.spare(paths)
    assert going.blobs == [blob_path(paths, between.sha256)]
    assert len(list(paths.receipts.glob("*/*"))) == 3
    assert landed.prune(paths) == going
    there = {p.name for p in paths.blobs.glob("*/*")}
    assert there == {first.sha256, last.sha256}
    assert {p.name for p in paths.raw.iterdir()} == {first.content_id, last.content_id}
    assert [p.name for p in (paths.raw / last.content_id).iterdir()] == ["parser"]
    assert len(list(paths.receipts.glob("*/*"))) == 2
    assert landed.spare(paths) == landed.Spare()
    assert not any(f.part.startswith("landing") for f in doctor.examine(paths))


def test_the_newest_bytes_of_a_resource_stay_though_they_were_refused(paths: DataPaths) -> None:
    first, between, last = _three_editions(paths)
    refused = _landed(paths, "refused", "2026-04-01T00:00:00+00:00")
    _age(paths.root / "landing")
    landed.prune(paths)
    assert blob_path(paths, refused.sha256).exists()
    assert blob_path(paths, last.sha256).exists()
    assert not blob_path(paths, between.sha256).exists()
    assert blob_path(paths, first.sha256).exists()


def test_bytes_of_an_archive_that_no_release_has_go(paths: DataPaths) -> None:
    _three_editions(paths)
    newest = _landed(paths, "archived", "2026-05-01T00:00:00+00:00", "archive")
    _age(paths.root / "landing")
    landed.prune(paths)
    assert not blob_path(paths, newest.sha256).exists()


def test_bytes_that_a_pull_has_just_landed_stay(paths: DataPaths) -> None:
    _, between, _ = _three_editions(paths)
    os.utime(blob_path(paths, between.sha256))
    assert landed.spare(paths).blobs == []


@pytest.mark.parametrize("what", ["snapshot", "manifest", "receipt"])
def test_nothing_is_pruned_while_it_is_not_known_what_is_needed(
    paths: DataPaths, what: str
) -> None:
    _three_editions(paths)
    path = {
        "snapshot": paths.snapshots / "demo__one.json",
        "manifest": paths.releases / V1 / "manifest.json",
        "receipt": next(paths.receipts.glob("*/*.json")),
    }[what]
    path.write_text("{}", encoding="utf-8")
    before = len(list(paths.blobs.glob("*/*")))
    with pytest.raises(landed.Unreadable, match="nothing was deleted"):
        landed.prune(paths)
    assert len(list(paths.blobs.glob("*/*"))) == before


@pytest.mark.parametrize("busy", ["build", "pull"])
def test_nothing_is_pruned_while_a_build_or_a_pull_is_running(paths: DataPaths, busy: str) -> None:
    _three_editions(paths)
    paths.spool.mkdir()
    lock = paths.build / ".lock" if busy == "build" else paths.spool / ".example.org.lock"
    with FileLock(lock), pytest.raises(doctor.Busy, match=f"a {busy} is running"):
        landed.prune(paths)
    assert len(list(paths.blobs.glob("*/*"))) == 3
    assert landed.prune(paths).blobs


def test_the_command_shows_first_and_then_deletes(paths: DataPaths) -> None:
    _, between, _ = _three_editions(paths)
    here, blob = Warehouse(paths), blob_path(paths, between.sha256)
    said = here.wcn("doctor", "prune-landed", "--dry-run")
    assert "would delete 1 blobs, 1 receipts, 1 decoded contents" in said
    assert str(blob.relative_to(paths.root)) in said
    assert blob.exists()
    assert "deleted 1 blobs" in here.wcn("doctor", "prune-landed")
    assert not blob.exists()


def test_a_half_line_that_was_written_after_is_untidy_and_no_fault(paths: DataPaths) -> None:
    paths.refusals.write_text('{"half": \n{"whole": 1}\n', encoding="utf-8")
    (found,) = doctor.examine(paths)
    assert not found.is_fault
    assert "line 1 of refusals.jsonl cannot be read" in found.text


def test_a_half_line_before_a_new_one_is_cut_off_and_not_glued_to_it(paths: DataPaths) -> None:
    _half_lines(paths)
    doctor.mend(paths)
    journal.append(paths.refusals, {"whole": 1})
    assert journal.entries(paths.refusals) == [{"whole": 1}]
