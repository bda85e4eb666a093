"""Append-only files: a half-written end never happened, any other damage is said and not passed."""

from __future__ import annotations

from pathlib import Path

import pytest

from releases import journal

WHOLE = b'{"n": 1}\n{"n": 2}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_bytes(WHOLE)
    return path


@pytest.mark.parametrize("end", [b"{", b'{"n": 3', b"\xff\xfe", b"\0\0\0\0"])
def test_a_half_written_end_never_happened_and_is_cut_off_by_the_next_writer(
    log: Path, end: bytes
) -> None:
    log.write_bytes(WHOLE + end)
    assert journal.entries(log) == [{"n": 1}, {"n": 2}]
    assert journal.faults(log) == []
    assert journal.is_half_written(log)
    journal.append(log, {"n": 3})
    assert log.read_bytes() == WHOLE + b'{"n": 3}\n'
    assert not journal.is_half_written(log)


def test_a_last_line_that_lacks_only_its_end_happened(log: Path) -> None:
    log.write_bytes(WHOLE[:-1])
    assert not journal.is_half_written(log)
    journal.append(log, {"n": 3})
    assert journal.entries(log) == [{"n": 1}, {"n": 2}, {"n": 3}]


@pytest.mark.parametrize("damage", [b"{n: 1}\n", b"\xff\xfe\n", b"[1]\n", b"\0\0\n"])
def test_another_damaged_line_is_a_fault_and_stays_as_it_is(log: Path, damage: bytes) -> None:
    log.write_bytes(WHOLE + damage + WHOLE)
    with pytest.raises(journal.DamagedLog, match=r"line 3 of log\.jsonl cannot be read"):
        journal.entries(log)
    assert "backup" in journal.faults(log)[0]
    journal.mend(log)
    assert log.read_bytes() == WHOLE + damage + WHOLE


def test_a_file_that_is_missing_has_no_entries(tmp_path: Path) -> None:
    assert journal.entries(tmp_path / "none") == []
    journal.mend(tmp_path / "none")
    assert not (tmp_path / "none").exists()
