"""Conditional requests: asking whether what we have is still what a server has.

Belongs here: validators and their comparison. Does not belong here: sending requests (`http`).
"""

from __future__ import annotations

from dataclasses import dataclass

from requests import Response


@dataclass(frozen=True)
class Validators:
    """What an earlier answer said of its state, to ask whether it still holds."""

    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> dict[str, str]:
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {header: value for header, value in conditions.items() if value}

    def differ(self, response: Response) -> bool | None:
        """From those of the answer; None where nothing can be compared."""
        if response.status_code == 304:
            return False
        for header, was in (("ETag", self.etag), ("Last-Modified", self.last_modified)):
            if was and (now := response.headers.get(header)):
                return was.removeprefix("W/") != now.removeprefix("W/")
        return None
