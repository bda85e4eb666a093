"""The log of moves is the truth: what a dying process leaves behind is finished or forgotten."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from releases import pointer
from releases.pointer import Move
from releases.store import ReleaseStore

FIRST, SECOND = "20260101T000000Z-aaaaaaaa", "20260201T000000Z-bbbbbbbb"


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """Two finished releases and no move yet."""
    for version in (FIRST, SECOND):
        (tmp_path / version).mkdir()
        (tmp_path / version / "manifest.json").write_text(
            json.dumps({"version": version, "files": {}})
        )
    return tmp_path


def _log_only(releases: Path, version: str) -> None:
    """What a process leaves that dies between the log and the pointer."""
    past, current = pointer.moves(releases), pointer.current(releases)
    made = Move(len(past) + 1, "2026-03-01T00:00:00+00:00", "publish", version, current)
    with (releases / pointer.LOG).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(made)) + "\n")


def test_a_move_makes_a_release_current_and_remembers_the_one_before(releases: Path) -> None:
    assert pointer.current(releases) is None
    pointer.move(releases, FIRST, "publish")
    made = pointer.move(releases, SECOND, "publish", "because")
    assert pointer.current(releases) == SECOND
    assert (made.number, made.previous, made.reason) == (2, FIRST, "because")
    assert [m.version for m in pointer.moves(releases)] == [FIRST, SECOND]
    assert (releases / "current" / "manifest.json").is_file()


def test_only_a_finished_release_can_become_current(releases: Path) -> None:
    (releases / SECOND / "manifest.json").unlink()
    pointer.move(releases, FIRST, "publish")
    with pytest.raises(FileNotFoundError, match=SECOND):
        pointer.move(releases, SECOND, "publish")
    assert pointer.current(releases) == FIRST
    assert len(pointer.moves(releases)) == 1


def test_a_move_that_was_logged_but_not_made_is_made(releases: Path) -> None:
    pointer.move(releases, FIRST, "publish")
    _log_only(releases, SECOND)
    assert pointer.current(releases) == FIRST
    assert ReleaseStore(releases).verify_pointer() == []  # readers have a sound release meanwhile
    pointer.recover(releases)
    assert pointer.current(releases) == SECOND
    assert ReleaseStore(releases).verify_pointer() == []


def test_the_first_move_is_made_too_if_its_process_died(releases: Path) -> None:
    _log_only(releases, FIRST)
    assert ReleaseStore(releases).current() is None  # readers repair nothing
    pointer.recover(releases)
    assert pointer.current(releases) == FIRST


@pytest.mark.parametrize("length", [1, 20, -2])
def test_a_half_written_last_line_never_happened(releases: Path, length: int) -> None:
    pointer.move(releases, FIRST, "publish")
    whole = (releases / pointer.LOG).read_text(encoding="utf-8")
    _log_only(releases, SECOND)
    line = (releases / pointer.LOG).read_text(encoding="utf-8").removeprefix(whole)
    (releases / pointer.LOG).write_text(whole + line[:length], encoding="utf-8")
    assert [m.version for m in pointer.moves(releases)] == [FIRST]
    pointer.recover(releases)
    assert pointer.current(releases) == FIRST
    assert (releases / pointer.LOG).read_text(encoding="utf-8") == whole


def test_a_move_after_a_half_written_line_gets_the_right_number(releases: Path) -> None:
    pointer.move(releases, FIRST, "publish")
    with (releases / pointer.LOG).open("a", encoding="utf-8") as stream:
        stream.write('{"number": 2, "at": "2026-')
    made = pointer.move(releases, SECOND, "publish")
    assert made.number == 2
    assert [m.number for m in pointer.moves(releases)] == [1, 2]
    assert pointer.current(releases) == SECOND


def test_a_missing_pointer_is_made_again_from_the_log(releases: Path) -> None:
    pointer.move(releases, FIRST, "publish")
    pointer.move(releases, SECOND, "publish")
    (releases / pointer.CURRENT).unlink()
    (fault,) = ReleaseStore(releases).verify_pointer()
    assert SECOND in fault
    pointer.recover(releases)
    assert pointer.current(releases) == SECOND


@pytest.mark.parametrize("name", ["current", "../releases/current", ""])
def test_only_a_version_can_be_moved_to_or_verified(releases: Path, name: str) -> None:
    pointer.move(releases, FIRST, "publish")
    with pytest.raises(FileNotFoundError):
        pointer.move(releases, name, "rollback")
    with pytest.raises(FileNotFoundError):
        ReleaseStore(releases).verify(name)
    assert pointer.current(releases) == FIRST


def test_a_changed_manifest_is_a_fault(releases: Path) -> None:
    pointer.move(releases, FIRST, "publish")
    path = releases / FIRST / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert any("manifest.json" in fault for fault in ReleaseStore(releases).verify(FIRST))


def test_a_pointer_without_a_log_is_a_fault(releases: Path) -> None:
    (releases / pointer.CURRENT).symlink_to(FIRST)
    (fault,) = ReleaseStore(releases).verify_pointer()
    assert "the log of moves is empty" in fault


def test_a_rollback_needs_an_older_release(releases: Path) -> None:
    pointer.move(releases, FIRST, "publish")
    with pytest.raises(FileNotFoundError, match="no other release"):
        ReleaseStore(releases).rollback(None, "")
    with pytest.raises(FileNotFoundError, match="no other release"):
        ReleaseStore(releases).rollback(FIRST, "")
    assert len(pointer.moves(releases)) == 1
