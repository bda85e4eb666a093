"""Whatever is lost, damaged, replaced or put beside the releases is seen, and said with what to do.

A fault is something that readers see wrongly or that is lost; a warning is something unfinished.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from core.files import sha256_of
from core.paths import DataPaths
from releases import history, integrity, ledger, pointer
from releases.store import ReleaseStore
from tests.fixtures import releases as made
from tests.fixtures.releases import flip, writable
from tests.fixtures.warehouse import Warehouse

V1, V2, V3 = (f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2, 3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two releases, the second current, in a folder beside which there may be others."""
    releases = tmp_path / "releases"
    releases.mkdir()
    for number, version in enumerate((V1, V2), start=1):
        made.publish(releases, version, {1: 10.0 * number})
    return releases


def _faults(folder: Path) -> str:
    found = ReleaseStore(folder).audit()
    return "\n".join(found.faults)


def test_a_sound_folder_has_neither_faults_nor_warnings(folder: Path) -> None:
    found = ReleaseStore(folder).audit()
    assert (found.faults, found.warnings) == ([], [])
    assert [ReleaseStore(folder).verify(v) for v in (V1, V2)] == [[], []]


# The pointer


def _elsewhere(folder: Path) -> None:
    shutil.copytree(folder / V2, folder.parent / "other" / V2)
    (folder / "current").unlink()
    (folder / "current").symlink_to(folder.parent / "other" / V2)


def _directory(folder: Path) -> None:
    (folder / "current").unlink()
    shutil.copytree(folder / V2, folder / "current")


def _file(folder: Path) -> None:
    (folder / "current").unlink()
    (folder / "current").write_text(V2, encoding="utf-8")


def _dangling(folder: Path) -> None:
    (folder / "current").unlink()
    (folder / "current").symlink_to(V3)


def _gone(folder: Path) -> None:
    (folder / "current").unlink()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_elsewhere, "outside of the releases"),
        (_directory, "current is a folder"),
        (_file, "current is a file"),
        (_dangling, "which is not there"),
        (_gone, f"current is None, the log of moves says {V2}"),
    ],
)
def test_a_pointer_that_is_not_the_link_of_the_log_is_a_fault(
    folder: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(folder)
    assert said in _faults(folder)
    assert said in "\n".join(ReleaseStore(folder).verify_pointer())


@pytest.mark.parametrize("damage", [_elsewhere, _file, _dangling, _gone])
def test_the_next_writer_sets_a_wrong_pointer_right(
    folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(folder)
    pointer.recover(folder)
    assert pointer.target(folder) == V2
    assert _faults(folder) == ""


def test_a_writer_deletes_no_folder_that_is_in_the_place_of_the_pointer(folder: Path) -> None:
    _directory(folder)
    with pytest.raises(FileExistsError, match="wcn doctor --mend"):
        pointer.recover(folder)
    assert (folder / "current" / "manifest.json").is_file()


def test_a_pointer_one_move_back_is_an_unfinished_move_and_not_silence(folder: Path) -> None:
    (folder / "current").unlink()
    (folder / "current").symlink_to(V1)
    found = ReleaseStore(folder).audit()
    assert found.faults == []
    (warning,) = found.warnings
    assert f"current is {V1}, and the log of moves says {V2}" in warning
    pointer.recover(folder)
    assert ReleaseStore(folder).audit().warnings == []


def test_readers_are_not_moved_to_a_release_that_is_lost(folder: Path) -> None:
    (folder / "current").unlink()
    (folder / "current").symlink_to(V1)
    (folder / V2).rename(folder.parent / "away")
    pointer.recover(folder)
    assert pointer.current(folder) == V1


# The logs


def test_a_flipped_byte_in_the_log_of_moves_is_a_fault_and_nobody_writes_over_it(
    folder: Path,
) -> None:
    flip(folder / pointer.LOG, 0)
    before = (folder / pointer.LOG).read_bytes()
    assert "line 1 of moves.jsonl cannot be read" in _faults(folder)
    with pytest.raises(pointer.journal.DamagedLog):
        pointer.recover(folder)
    assert (folder / pointer.LOG).read_bytes() == before


def test_a_move_that_is_cut_out_of_the_log_is_a_fault(folder: Path) -> None:
    lines = (folder / pointer.LOG).read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / pointer.LOG).write_text("".join(lines[1:]), encoding="utf-8")
    assert "lines are missing or doubled" in _faults(folder)


def test_a_damaged_line_in_the_log_of_hashes_is_a_fault(folder: Path) -> None:
    flip(folder / ledger.LOG, 0)
    assert "line 1 of hashes.jsonl cannot be read" in _faults(folder)


# Which releases there are


def test_a_published_release_that_is_gone_is_a_fault(folder: Path) -> None:
    (folder / V1).rename(folder.parent / "away")
    assert f"{V1} was published and is gone" in _faults(folder)


def test_a_pruned_release_is_none(folder: Path) -> None:
    assert ReleaseStore(folder).prune(1) == [V1]
    assert _faults(folder) == ""


def test_a_pruned_release_that_somebody_brings_back_is_a_release_again(folder: Path) -> None:
    shutil.copytree(folder / V1, folder.parent / "backup")
    ReleaseStore(folder).prune(1)
    (folder.parent / "backup").rename(folder / V1)
    assert _faults(folder) == ""
    ReleaseStore(folder).rollback(V1, "")
    (folder / V1).rename(folder.parent / "away")
    assert f"{V1} was published and is gone" in _faults(folder)


def test_a_release_that_no_log_knows_is_a_fault_and_is_not_pruned(folder: Path) -> None:
    shutil.copytree(folder / V2, folder / V3)
    assert f"{V3} is there, and no log knows it" in _faults(folder)
    assert ReleaseStore(folder).prune(1) == [V1]
    assert (folder / V3).exists()


def test_a_release_whose_publishing_died_is_a_warning_and_is_pruned(folder: Path) -> None:
    made.make(folder, V3, {1: 30.0})
    found = ReleaseStore(folder).audit()
    assert found.faults == []
    assert f"{V3} was made and never published" in found.warnings[0]
    assert ReleaseStore(folder).prune(2) == [V3]
    assert ReleaseStore(folder).audit().warnings == []


def test_a_release_without_its_manifest_is_a_fault(folder: Path) -> None:
    writable(folder / V1 / "manifest.json").unlink()
    assert f"{V1} has no manifest.json" in _faults(folder)


def test_an_empty_folder_with_the_name_of_a_release_is_a_fault(folder: Path) -> None:
    (folder / V3).mkdir()
    assert f"{V3} has the name of a release, and is none" in _faults(folder)


# One release


@pytest.mark.parametrize("kind", ["file", "folder", "release"])
def test_identical_bytes_behind_a_link_are_no_release(folder: Path, kind: str) -> None:
    inside = {"file": integrity.FIGURES, "folder": "parquet", "release": ""}[kind]
    path, away = folder / V1 / inside, folder.parent / "away"
    writable(path)
    shutil.copytree(path, away) if path.is_dir() else shutil.copy(path, away)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(away)
    assert any("is a link to" in fault for fault in ReleaseStore(folder).verify(V1))


def test_what_may_be_written_to_is_a_warning(folder: Path) -> None:
    (folder / V1 / integrity.WAREHOUSE).chmod(0o644)
    found = ReleaseStore(folder).audit()
    assert found.faults == []
    assert found.warnings == [f"{V1}: warehouse.duckdb may be written to"]
    integrity.protect(folder / V1)
    assert ReleaseStore(folder).audit().warnings == []


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"files": [], "tables": {}}', "\xff"])
def test_a_damaged_manifest_is_a_fault_whatever_is_in_it(folder: Path, text: str) -> None:
    path = writable(folder / V1 / "manifest.json")
    path.write_bytes(text.encode("latin-1"))
    assert any("manifest.json" in fault for fault in ReleaseStore(folder).verify(V1))


def test_a_manifest_that_was_changed_together_with_its_file_is_a_fault(folder: Path) -> None:
    file, path = folder / V1 / integrity.FIGURES, writable(folder / V1 / "manifest.json")
    flip(file, 8)
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"][integrity.FIGURES] = sha256_of(file)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    assert ReleaseStore(folder).verify(V1) == ["manifest.json is not the one that was published"]


# The history


@pytest.mark.parametrize("number", [1, 2])
def test_a_flipped_bit_in_the_history_is_a_fault(folder: Path, number: int) -> None:
    flip(history.path(folder, number), 100)
    assert f"{history.path(folder, number).name} is not as it was written" in _faults(folder)


@pytest.mark.parametrize("number", [1, 2])
def test_a_history_that_is_lost_is_a_fault(folder: Path, number: int) -> None:
    history.path(folder, number).unlink()
    assert f"{history.path(folder, number).name} is missing" in _faults(folder)


def test_a_history_after_no_move_is_a_fault(folder: Path) -> None:
    shutil.copy(history.path(folder, 2), history.path(folder, 3))
    assert "is the history after no move" in _faults(folder)


def test_a_history_that_can_not_be_derived_says_what_is_needed(folder: Path) -> None:
    ReleaseStore(folder).prune(1)
    flip(history.path(folder, 2), 100)
    flip(folder / V2 / integrity.WAREHOUSE)
    flip(folder / V2 / integrity.FIGURES)
    said = _faults(folder)
    assert f"release {V2}, which move 2 made current, is gone or damaged" in said
    assert "Take 000002.parquet or that release from a backup" in said


def test_a_history_that_is_not_written_yet_is_a_warning(folder: Path) -> None:
    at = made.make(folder, V3, {1: 30.0})
    pointer.move(folder, V3, "publish", at=at)
    found = ReleaseStore(folder).audit()
    assert found.faults == []
    assert "the history after move 3 is not written yet" in found.warnings[0]
    history.latest(folder)
    assert ReleaseStore(folder).audit().warnings == []


# The command


def test_verify_warns_of_what_is_unfinished_and_fails_where_something_is_lost(
    folder: Path,
) -> None:
    here = Warehouse(DataPaths(folder.parent))
    (folder / "current").unlink()
    (folder / "current").symlink_to(V1)
    said = here.wcn("release", "verify")
    assert f"Warning: current is {V1}" in said
    assert said.count(": sound") == 2
    history.path(folder, 1).unlink()
    assert "000001.parquet is missing" in here.wcn("release", "verify", V2, ok=False)
    flip(folder / pointer.LOG, 0)
    assert "line 1 of moves.jsonl cannot be read" in here.wcn("release", "verify", ok=False)


def test_the_list_shows_a_release_whose_manifest_is_damaged(folder: Path) -> None:
    writable(folder / V1 / "manifest.json").write_text("{", encoding="utf-8")
    writable(folder / V2 / "manifest.json").write_text("[]", encoding="utf-8")
    said = Warehouse(DataPaths(folder.parent)).wcn("release", "list")
    assert said.count("damaged: `wcn release verify`") == 2


# Data homes of before


def test_a_data_home_without_hashes_is_sound_and_gets_them_with_the_next_writer(
    folder: Path,
) -> None:
    (folder / ledger.LOG).unlink()
    found = ReleaseStore(folder).audit()
    assert (found.faults, found.warnings) == ([], [])
    ReleaseStore(folder).rollback(None, "")
    assert set(ledger.read(folder).releases) == {V1, V2}
    assert set(ledger.read(folder).history) == {2, 3}
    assert _faults(folder) == ""


def test_moves_without_the_hash_of_a_manifest_are_read(folder: Path) -> None:
    lines = [json.loads(x) for x in (folder / pointer.LOG).read_text("utf-8").splitlines()]
    old = [{k: v for k, v in x.items() if k not in ("reason", "manifest_sha256")} for x in lines]
    text = "".join(json.dumps(x) + "\n" for x in old)
    (folder / pointer.LOG).write_text(text, encoding="utf-8")
    (folder / ledger.LOG).unlink()
    assert _faults(folder) == ""
    made.publish(folder, V3, {1: 30.0})
    assert (folder / pointer.LOG).read_text(encoding="utf-8").startswith(text)
    assert set(ledger.read(folder).releases) == {V1, V2, V3}


def test_a_damaged_history_of_before_is_seen_though_nobody_has_noted_its_hash(
    folder: Path,
) -> None:
    (folder / ledger.LOG).unlink()
    path = history.path(folder, 2)
    path.write_bytes(path.read_bytes()[:-20])
    assert f"{path.name} is not as it was written" in _faults(folder)
    history.latest(folder)
    assert _faults(folder) == ""
