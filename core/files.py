"""Small files, written so that a process that dies leaves the old or the new one, never a half.

Belongs here: atomic writing, append-only logs, hashes of files, and what it means when one cannot
be written. Does not belong here: formats.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.errors import SourceError

_ABANDONED_AFTER = 3600.0


def is_sha256(text: object) -> bool:
    """Whether a text of data is the name of a blob: 64 hexadecimal digits, small ones."""
    return isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) is not None


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def json_lines(path: Path) -> list[dict[str, Any]]:
    """An append-only log; a line that a dying process left half-written never happened."""
    if not path.exists():
        return []
    found = []
    # By the byte: within a text there may be characters that Python takes for the end of a line,
    # and a half line may end within a character.
    for line in path.read_bytes().split(b"\n"):
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            found.append(entry)
    return found


def append_json_lines(path: Path, entries: Iterable[Mapping[str, Any]]) -> None:
    """Add entries to an append-only log, all at once. Raises OSError, and then none is added."""
    append(path, "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries))


def append(path: Path, lines: str) -> None:
    """Add whole lines at the end of a file, after ending a line that somebody left half-written.

    Raises OSError where there is no room for all of them; then the file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as stream:
        size = stream.seek(0, os.SEEK_END)
        if size:
            stream.seek(-1, os.SEEK_END)
        data = (b"\n" if size and stream.read(1) != b"\n" else b"") + lines.encode()
        try:
            while data:
                data = data[stream.write(data) :]
            os.fsync(stream.fileno())
        except OSError:
            stream.truncate(size)
            raise


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:6]}")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def keep_newest(path: Path, write: Callable[[Path], None]) -> None:
    """Write `<kind>-<key>` as a whole or not at all; of a kind, only the newest stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f"{path.stem}.{os.getpid()}.{time.monotonic_ns()}.writing")
    try:
        write(made)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    kind = path.name.partition("-")[0]
    for other in path.parent.glob(f"{kind}-*"):
        with suppress(FileNotFoundError):
            is_writing = ".writing" in other.suffixes  # Or a log beside it.
            if other != path and (
                not is_writing or time.time() - other.stat().st_mtime > _ABANDONED_AFTER
            ):
                other.unlink()


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NOT_OURS = (errno.EROFS, errno.EACCES, errno.EPERM)


def is_full(error: BaseException) -> bool:
    """Whether an error, or what led to it, is a disk (or a quota) without room."""
    return any(isinstance(e, OSError) and e.errno in _NO_ROOM for e in _causes(error))


def storage_fault(error: BaseException) -> str | None:
    """One sentence where an error, or what led to it, is a full disk or one we may not write to.

    What, where, and what a person does; None for any other error.
    """
    for cause in _causes(error):
        number = cause.errno if isinstance(cause, OSError) else None
        where = getattr(cause, "filename", None)
        place = f" ({where})" if isinstance(where, str) else ""
        # DuckDB tells it in words alone; what a source's error quotes may be anybody's words.
        told = not isinstance(cause, SourceError) and os.strerror(errno.ENOSPC) in str(cause)
        if number in _NO_ROOM or told:
            return (
                f"no space is left on the disk of the data home{place}: free some, as by"
                " `wcn release prune --keep N`, or set WCN_DATA to a folder on another disk"
            )
        if number in _NOT_OURS:
            return (
                f"a file cannot be read or written{place}: {os.strerror(number or 0)}. Give this"
                " user the right to it, or set WCN_DATA to a folder of your own"
            )
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)
