"""Bytes of others are read in processes with limits: what breaks one of them fails one source.

Belongs here: the processes, their limits, and what their death means. Does not belong here: reading
(`parse`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore
from typing import Any, TypeVar

from core.errors import ContentError
from core.worker import Worker, WorkerDied

T = TypeVar("T")
# The largest declared source takes a tenth of both.
MAX_BYTES = 8 << 30
MAX_SECONDS = 300.0

_idle: SimpleQueue[Worker] = SimpleQueue()
_places = BoundedSemaphore(os.cpu_count() or 1)


def confined(source_id: str, function: Callable[..., T], *arguments: Any) -> T:
    """The result of a module's function, got in another process; what it raises is raised here.

    Raises ContentError where the process did not survive it.
    """
    with _places:
        try:
            worker = _idle.get_nowait()
        except Empty:
            worker = Worker(function.__module__, max_bytes=MAX_BYTES, max_seconds=MAX_SECONDS)
        try:
            return worker.call(function, *arguments)
        except WorkerDied as death:
            raise ContentError(
                source_id,
                expected=f"bytes that can be read with {MAX_BYTES >> 30} GiB within"
                f" {MAX_SECONDS:g} s",
                found=str(death),
                todo="look at the file: one cell far out, or thousands of columns, is no data",
            ) from None
        finally:
            if worker.is_alive:
                _idle.put(worker)
