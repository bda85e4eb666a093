"""Append-only files: a line is there as a whole or not at all, and swallows no other."""

from __future__ import annotations

import errno
import resource
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cities import review
from cities.review import Decision
from core.errors import ContentError
from core.files import append, append_json_lines, is_full, json_lines, storage_fault
from core.paths import DataPaths
from core.settings import ROOT
from expectations.series import AcceptedBreak
from warehouse import refusals

BREAK = AcceptedBreak("values_hold", "a__b", ("c",), "so it is", "me", "2026-01-01T00:00:00")


@pytest.mark.parametrize("half", ['{"a": 1, "b', '{"a": "Zü'.encode()[:-1], b"\xff\x00"])
def test_a_half_line_never_happened_and_swallows_nothing(tmp_path: Path, half: str | bytes) -> None:
    log = tmp_path / "log.jsonl"
    append_json_lines(log, [{"n": 1}])
    with log.open("ab") as stream:
        stream.write(half.encode() if isinstance(half, str) else half)
    assert json_lines(log) == [{"n": 1}]
    append_json_lines(log, [{"n": 2}, {"n": 3}])
    assert json_lines(log) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_whole_line_that_was_not_ended_is_kept(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text('{"n": 1}', encoding="utf-8")
    append_json_lines(log, [{"n": 2}])
    assert json_lines(log) == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize("text", ["a\u2028b", "a\x85b", "a\x0bb", "a\nb", "Zürich"])
def test_what_a_text_holds_ends_no_line(tmp_path: Path, text: str) -> None:
    append_json_lines(tmp_path / "log", [{"reason": text}])
    assert json_lines(tmp_path / "log") == [{"reason": text}]


def test_a_killed_run_swallows_no_refusal_and_no_accepted_break(tmp_path: Path) -> None:
    paths = DataPaths(tmp_path)
    paths.accepted_breaks.parent.mkdir()
    paths.accepted_breaks.write_text('{"check": "values_ho', encoding="utf-8")
    refusals.accept_break(paths, BREAK)
    assert refusals.accepted_breaks(paths) == [BREAK]


def test_decisions_are_appended_to_a_file_whose_last_line_is_open(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    made = Decision("2026", "a__b", "Ur", "", "", "not_a_city", "", "me", "so it is")
    review.append(path, made)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    review.append(path, replace(made, ref_area="Uruk"))
    assert [d.ref_area for d in review.read(path)] == ["Ur", "Uruk"]


def test_without_room_nothing_is_appended(tmp_path: Path) -> None:
    log = tmp_path / "log"
    append(log, "whole\n")
    code = (
        "from pathlib import Path; from core.files import append, is_full\n"
        "try: append(Path(__import__('sys').argv[1]), 'x' * 100 + '\\n')\n"
        "except OSError as e: print(is_full(e))"
    )

    def small_files_only() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))

    ran = subprocess.run(
        [sys.executable, "-B", "-c", code, str(log)],
        cwd=ROOT,
        preexec_fn=small_files_only,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "True\n"
    assert log.read_text(encoding="utf-8") == "whole\n"


def test_a_full_disk_is_told_in_one_sentence_whoever_met_it() -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "/data/x")
    wrapped = RuntimeError("dbt failed")
    wrapped.__cause__ = full
    for error in (full, wrapped, ValueError("IO Error: No space left on device")):
        said = storage_fault(error)
        assert said is not None
        assert said.startswith("no space is left on the disk of the data home")
        assert "WCN_DATA" in said
        assert "\n" not in said
    assert "(/data/x)" in str(storage_fault(wrapped))
    assert is_full(wrapped)


def test_a_disk_that_may_not_be_written_is_told_in_one_sentence() -> None:
    said = storage_fault(PermissionError(errno.EACCES, "Permission denied", "/data/x"))
    assert said is not None
    assert "/data/x" in said
    assert "WCN_DATA" in said


def test_what_a_server_says_is_no_full_disk() -> None:
    error = ContentError("a__b", expected="x", found="No space left on device", todo="y")
    assert storage_fault(error) is None
    assert not is_full(error)
    assert storage_fault(KeyError("x")) is None
