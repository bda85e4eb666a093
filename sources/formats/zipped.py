"""What a body is packed in: one declared member of a zip, or gzip; neither is trusted.

Services send gzip without saying so in a header; it is known by its first bytes.

Belongs here: traversal, bomb and truncation checks. Does not belong here: what the member holds.
"""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from core.errors import ContentError

MAX_UNPACKED = 2_000_000_000
MAX_RATIO = 200


@contextmanager
def unzipped(source_id: str, path: Path, member: str | None, scratch: Path) -> Iterator[Path]:
    """Yield the file itself, or what is packed in it, in `scratch` for the time of use."""
    packed = is_gzip(path)
    if member is None and not packed:
        yield path
        return
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        target = Path(folder) / PurePosixPath(member or "body").name
        if packed:
            _inflate(source_id, path, target)
        else:
            _extract(source_id, path, str(member), target)
        yield target


def is_gzip(path: Path) -> bool:
    """Whether the bytes begin as those of gzip."""
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def _inflate(source_id: str, path: Path, target: Path) -> None:
    most = min(MAX_UNPACKED, MAX_RATIO * path.stat().st_size)
    size = 0
    try:
        with gzip.open(path) as packed, target.open("wb") as stream:
            while chunk := packed.read(1 << 20):
                if (size := size + len(chunk)) > most:
                    found = f"more than {most:,} bytes"
                    raise _refused(source_id, f"at most {MAX_RATIO}× compression", found)
                stream.write(chunk)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _refused(source_id, "a whole gzip file", f"a damaged one ({error})") from error


def _extract(source_id: str, path: Path, member: str, target: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if member not in names or PurePosixPath(member).name != member:
                raise _refused(source_id, f"a zip with {member}", f"the members {names[:5]}")
            info = archive.getinfo(member)
            bomb = info.file_size > MAX_RATIO * max(info.compress_size, 1)
            if bomb or info.file_size > MAX_UNPACKED:
                found = f"{info.compress_size:,} bytes that claim to unpack to {info.file_size:,}"
                raise _refused(source_id, f"at most {MAX_RATIO}× compression", found)
            with archive.open(info) as packed, target.open("wb") as stream:
                shutil.copyfileobj(packed, stream, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _refused(source_id, "a whole zip file", f"a damaged one ({error})") from error


def _refused(source_id: str, expected: str, found: str) -> ContentError:
    return ContentError(
        source_id, expected=expected, found=found, todo="fetch it again, or look at the publisher"
    )
