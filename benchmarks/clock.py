"""Times of named steps, written down as they are taken: a process that dies leaves what it did.

Seconds of the wall, and of the processor: those of this process and of all that work for it, which
other work on the machine does not change much.

Belongs here: measuring and remembering. Does not belong here: what is measured.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Clock:
    """A file of JSON lines: `{"step": …, "seconds": …, "processor": …}` and whatever else."""

    file: Path

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a block; what is put into the yielded dictionary is written beside the time."""
        noted: dict[str, Any] = {}
        self.write({"begun": name})
        began, spent = time.perf_counter(), _processor()
        yield noted
        seconds, processor = time.perf_counter() - began, _processor() - spent
        self.write({"step": name, "seconds": seconds, "processor": processor, **noted})

    def timed(
        self, name: Callable[..., str] | str, function: Callable[..., Any]
    ) -> Callable[..., Any]:
        """The function, with every call of it timed under a name (or a name of its arguments)."""

        def call(*args: Any, **kwargs: Any) -> Any:
            said = name if isinstance(name, str) else name(*args, **kwargs)
            with self.step(said):
                return function(*args, **kwargs)

        return call

    def write(self, entry: dict[str, Any]) -> None:
        """Append one line."""
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")

    def read(self) -> list[dict[str, Any]]:
        """All lines so far."""
        if not self.file.exists():
            return []
        return [json.loads(x) for x in self.file.read_text(encoding="utf-8").splitlines()]


def _processor() -> float:
    """Processor seconds of this process, of those that it started, and of theirs."""
    spent = 0.0
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # It has ended: its parent has its time.
            spent += sum(process.cpu_times()[:4])
    return spent
