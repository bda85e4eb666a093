"""What was measured of a network before, kept by everything that it follows from.

Belongs here: keys and files. Does not belong here: what is measured.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.files import keep_newest


def kept(
    folder: Path | None, name: str, parts: list[pa.Table], make: Callable[[], pa.Table]
) -> pa.Table:
    """What `make` makes of `parts`, made once; of one `name` only the newest is kept.

    Rows may stand in another order. Without a folder it is made anew each time.
    """
    if folder is None:
        return make()
    stem = hashlib.sha256(name.encode()).hexdigest()[:16]
    file = folder / f"{stem}-{_key(parts)}.parquet"
    # A file that cannot be read is none.
    with suppress(OSError, pa.ArrowException):
        return pq.read_table(file)
    made = make()
    keep_newest(file, lambda path: pq.write_table(made, path))
    return made


def _key(parts: list[pa.Table]) -> str:
    digest = hashlib.sha256(_code())
    for part in parts:
        ordered = part.sort_by([(name, "ascending") for name in part.column_names])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, ordered.schema) as stream:
            stream.write_table(ordered.combine_chunks())
        digest.update(sink.getvalue())
    return digest.hexdigest()[:32]


@cache
def _code() -> bytes:
    """The code that measures, and the libraries that it stands on."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    libraries = [version(name) for name in ("networkit", "numpy", "pyarrow", "scipy")]
    return b"".join(path.read_bytes() for path in files) + "\n".join(libraries).encode()
