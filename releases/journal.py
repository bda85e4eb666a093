"""Append-only files of JSON lines: what a dying process half wrote is told from real damage.

A last line that was not finished never happened, and the next writer cuts it off. Any other line
that cannot be read was there once and is lost: nobody may go on as if it had never been.

Belongs here: reading, appending, cutting. Does not belong here: what the lines mean (`pointer`,
`ledger`).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class DamagedLog(Exception):
    """A line of an append-only file cannot be read; the message says which, and what to do."""


def entries(path: Path) -> list[dict[str, Any]]:
    """All entries, oldest first. Raises DamagedLog where a finished line cannot be read."""
    found, damaged, _ = read(path)
    if damaged:
        raise DamagedLog(_said(path, damaged))
    return found


def faults(path: Path) -> list[str]:
    """Lines that cannot be read, said to a person. A half-written last line is none."""
    damaged = read(path)[1]
    return [_said(path, damaged)] if damaged else []


def read(path: Path) -> tuple[list[dict[str, Any]], list[int], int]:
    """(entries, numbers of damaged lines, how many bytes of the file hold finished lines)."""
    whole = path.read_bytes() if path.exists() else b""
    lines = whole.split(b"\n")
    found, damaged, sound = [], list[int](), len(whole)
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict):
                raise ValueError(line)
            found.append(entry)
        except ValueError:
            if number == len(lines):  # it has no line end: its process died
                sound = len(whole) - len(line)
            else:
                damaged.append(number)
    return found, damaged, sound


def is_half_written(path: Path) -> bool:
    """Whether a dying process has left a part of a line at the end."""
    return path.exists() and read(path)[2] < path.stat().st_size


def mend(path: Path) -> None:
    """Cut off a half-written last line, and end the last whole one. For writers only."""
    if not path.exists():
        return
    sound = read(path)[2]
    with path.open("r+b") as stream:
        stream.truncate(sound)
        stream.seek(max(sound - 1, 0))
        if sound and stream.read(1) != b"\n":
            stream.write(b"\n")


def append(path: Path, entry: dict[str, Any]) -> None:
    """Write one entry, so that it is on the disk when this returns. The caller holds a lock.

    Raises OSError where there is no room for it; then the file is as it was.
    """
    mend(path)
    size = path.stat().st_size if path.exists() else 0
    try:
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        if path.exists():
            os.truncate(path, size)
        raise


def _said(path: Path, damaged: list[int]) -> str:
    numbers = ", ".join(map(str, damaged))
    return (
        f"line {numbers} of {path.name} cannot be read. Nothing can stand in for it: take the file"
        f" from a backup (docs/how-to/recover.md)"
    )
