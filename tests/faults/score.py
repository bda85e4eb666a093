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
    aside: str = ""
    """What else belongs to how it ended."""

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

    def line(self, when: str = "") -> str:
        """A row of the table in the docs; `when`: the day, and of which commit."""
        ended = ", ".join(f"{n:,} {ending}" for ending, n in self.endings.most_common())
        cells = (f"{self.tried:,}", ended + self.aside, len(self.faults), f"{self.seconds:,.0f}")
        return " | ".join((f"| {self.what}", *map(str, cells), when)) + " |"
