"""One line of the scorecard: what was tried, how often, and how often it did not hold.

Belongs here: counting. Does not belong here: making faults.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Score:
    """`tried` by kind of ending; `faults` are sentences about what should not have been."""

    what: str
    tried: int = 0
    endings: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def count(self, ending: str) -> None:
        """One more try, and how it ended."""
        self.tried += 1
        self.endings[ending] += 1

    def expect(self, holds: bool, fault: str) -> None:
        """Note a fault where something does not hold."""
        if not holds:
            self.faults.append(fault)

    @contextmanager
    def timed(self) -> Iterator[Score]:
        """Take the time of all tries."""
        began = time.monotonic()
        try:
            yield self
        finally:
            self.seconds += time.monotonic() - began

    def line(self) -> str:
        """A row of the table in the docs."""
        ended = ", ".join(f"{n:,} {ending}" for ending, n in self.endings.most_common())
        return (
            f"| {self.what} | {self.tried:,} | {ended} | {len(self.faults)} | {self.seconds:,.0f} |"
        )
