"""A plain file at an address: the protocol of most open data.

Belongs here: getting each declared url. Does not belong here: addresses with a date in them
(`dated_file`).
"""

from __future__ import annotations

from collections.abc import Iterator

from sources.access import FileAccess
from sources.declarations import Source
from sources.protocols.live import LiveContext, one_file
from sources.receipt import Receipt


def fetch(live: LiveContext, source: Source, access: FileAccess) -> Iterator[Receipt]:
    """One receipt per declared resource; the bytes are landed. Raises FetchError, LandingError."""
    for name, resource in access.resources.items():
        receipt = one_file(live, source, access, name, resource)
        assert receipt is not None
        yield receipt
