"""Times of named steps, written down as they are taken: a process that dies leaves what it did.

Belongs here: measuring and remembering. Does not belong here: what is measured.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Clock:
    """A file of JSON lines: `{"step": …, "seconds": …}` and whatever else is to be kept."""

    file: Path

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """Time a block; what is put into the yielded dictionary is written beside the time."""
        noted: dict[str, Any] = {}
        self.write({"begun": name})
        began = time.perf_counter()
        yield noted
        self.write({"step": name, "seconds": time.perf_counter() - began, **noted})

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
