"""Bytes of others are read in processes with limits: what breaks one of them fails one source.

Belongs here: the processes, their limits, and what their death means. Does not belong here: reading
(`parse`).
"""

from __future__ import annotations

import os
import resource
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Any, TypeVar

from core.errors import ContentError
from core.worker import Worker, WorkerDied

T = TypeVar("T")
# What no file may ever take, and what one may take of it: a part by itself, and one by its rows.
# Of addresses, DuckDB reserves 1.4 GiB for three lines; the largest recorded file (235,000 rows)
# fills 0.8 GiB in 6 s.
MAX_BYTES, BYTES, BYTES_PER_ROW = 8 << 30, 4 << 30, 8 << 10
MAX_SECONDS, SECONDS, ROWS_PER_SECOND = 300.0, 60.0, 2000

_idle: SimpleQueue[Worker] = SimpleQueue()
_places = BoundedSemaphore(os.cpu_count() or 1)


def confined(source_id: str, max_rows: int, function: Callable[..., T], *arguments: Any) -> T:
    """The result of a module's function, got in another process; what it raises is raised here.

    `max_rows`: what the declaration allows; memory and time follow from it. Raises ContentError
    where they do not suffice.
    """
    max_bytes = min(BYTES + max_rows * BYTES_PER_ROW, MAX_BYTES)
    max_seconds = min(SECONDS + max_rows / ROWS_PER_SECOND, MAX_SECONDS)
    with _places:
        try:
            worker = _idle.get_nowait()
        except Empty:
            worker = Worker(
                function.__module__, __name__, max_bytes=MAX_BYTES, max_seconds=MAX_SECONDS
            )
        worker.patience = max_seconds
        try:
            result: T = worker.call(read_within_limits, max_bytes, function, arguments)
            return result
        except (WorkerDied, MemoryError) as death:
            if isinstance(death, MemoryError):
                worker.end()  # what it still holds would be missing for the next file
            raise ContentError(
                source_id,
                expected=f"bytes that can be read with {max_bytes / (1 << 30):.1f} GiB within"
                f" {max_seconds:.0f} s",
                found=str(death) or "bytes that ask for more memory",
                todo="look at the file: one cell far out, or thousands of columns, is no data",
            ) from None
        finally:
            if worker.is_alive:
                _idle.put(worker)


def read_within_limits(max_bytes: int, function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    # What libraries and earlier files have taken is not this file's.
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (min(taken + max_bytes, MAX_BYTES), MAX_BYTES))
    return function(*arguments)
