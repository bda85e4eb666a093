"""What one pull may take of a service and of this machine, all its answers together.

A service says itself how many pages it has; one that says a thousand million is not followed.

Belongs here: counting, and the end of a pull. Does not belong here: the limits of a single answer
(`sources.http`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from core.errors import ContentError
from sources.access import LiveAccess


@dataclass
class Budget:
    """Requests, bytes and seconds of one pull: the declared ones, and those that it has taken."""

    source_id: str
    max_requests: int
    max_bytes: int
    max_seconds: float
    requests: int = 0
    bytes: int = 0
    began: float = field(default_factory=time.monotonic)

    @staticmethod
    def of(source_id: str, access: LiveAccess) -> Budget:
        """What a declaration allows."""
        megabytes, minutes = access.max_total_megabytes, access.max_minutes
        return Budget(source_id, access.max_requests, megabytes * 1_000_000, minutes * 60.0)

    def ask(self, further: int = 1) -> None:
        """Before `further` requests. Raises ContentError where they are too many, or too late."""
        if self.requests + further > self.max_requests:
            found = f"{self.requests + further:,} that it would take"
            raise self._spent("max_requests", f"at most {self.max_requests:,} requests", found)
        seconds = time.monotonic() - self.began
        if seconds > self.max_seconds:
            found = f"{seconds / 60:.0f} minutes so far"
            raise self._spent("max_minutes", f"at most {self.max_seconds / 60:.0f} minutes", found)

    def got(self, size: int) -> None:
        """After a request that brought `size` bytes. Raises ContentError for too many of them."""
        self.requests += 1
        self.bytes += size
        if self.bytes > self.max_bytes:
            found = f"{self.bytes / 1e6:,.1f} MB so far"
            expected = f"at most {self.max_bytes / 1e6:,.0f} MB"
            raise self._spent("max_total_megabytes", expected, found)

    def _spent(self, limit: str, expected: str, found: str) -> ContentError:
        return ContentError(
            self.source_id,
            expected=f"{expected} for one pull",
            found=found,
            todo=f"look at what the service says of its size; if it is right, raise `{limit}`",
        )
