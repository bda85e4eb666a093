"""One build at a time per data home, across processes; a dead holder frees it.

Belongs here: holding the slot, and who holds it. Does not belong here: Dagster's view of a holder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from core.paths import DataPaths
from sources.landing import remove_leftovers

PATIENCE = 1800.0


@contextmanager
def held(
    paths: DataPaths, run: str, waiting: Callable[[str], None], patience: float = PATIENCE
) -> Iterator[None]:
    """Hold the slot. What a run that was killed left half-written is deleted first.

    `waiting` is called with the holder's name where there is one. Raises Timeout after `patience`
    seconds.
    """
    holder = paths.build / "holder.json"
    lock = FileLock(paths.build / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting(_run(holder) or "another run")
        lock.acquire(timeout=patience)
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder.write_text(json.dumps({"run": run, "since": since}), encoding="utf-8")
        remove_leftovers(paths)
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _run(holder: Path) -> str | None:
    """Who wrote its name there; None where nobody did, or was killed while it wrote."""
    try:
        return str(json.loads(holder.read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError):
        return None
