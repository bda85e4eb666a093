"""One call of the client: what was asked for, until when it may take, and what its failures say.

Belongs here: the deadline, and errors without a key in them. Does not belong here: sending, trying
again (`http`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from core.errors import SourceError, TransportError
from core.secrets import Secret, masked
from sources.conditions import Validators
from sources.deadline import Watch

LATER = "try later; if it stays, look at the publisher's site: moved, barred to us, or down?"


class Passing(Exception):
    """May pass with another try. Its args: the error if it does not, the seconds to wait first."""


@dataclass
class Call:
    """What was asked for, and the try that is under way."""

    source_id: str
    url: str
    hosts: Collection[str]
    headers: Mapping[str, str]
    known: Validators
    secret: Secret | None = None
    form: Mapping[str, str] | None = None  # to be posted
    answers: Collection[int] = ()  # statuses whose body is an answer, as 200 is
    read_timeout: float | None = None  # seconds, where the usual ones are too few
    says: Callable[[str], None] = lambda _text: None  # hears why the call waits
    until: float = math.inf  # when the time of everybody is over (monotonic)
    unconnected: int = 0  # tries to which no connection came about in time
    deadline: float = 0.0  # set when the first try begins
    watch: Watch = field(default_factory=Watch)  # of the try that is under way

    def remaining(self) -> float:
        if not self.watch.ended and (seconds := self.deadline - time.monotonic()) > 0:
            return seconds
        if time.monotonic() >= self.until:
            expected, later = "an answer within the time budget", f"wcn run --only {self.source_id}"
            todo = f"get it later: {later}, or give a larger --budget"
            raise self.error(TransportError, expected, "none: the time budget is over", todo)
        raise self.error(TransportError, "an end within `total_timeout`", "no end yet", LATER)

    def begin(self, seconds: float) -> None:
        """The first try begins now; the call may take so many seconds, if the budget has them."""
        self.deadline = min(time.monotonic() + seconds, self.until)

    def waited(self, seconds: float) -> None:
        """So many seconds went by before our turn came: they are not of this call."""
        self.deadline = min(self.deadline + seconds, self.until)

    def error(self, kind: type[SourceError], expected: str, found: str, todo: str) -> SourceError:
        expected = masked(f"{expected} ({self.url})", self.secret)
        return kind(self.source_id, expected=expected, found=masked(found, self.secret), todo=todo)
