"""The body of an answer as it comes in, within the limits of time and size.

Belongs here: reading, and telling a whole body from a cut one. Does not belong here: asking
(`http`), how long a call may take (`call`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from requests import Response
from urllib3.exceptions import HTTPError, ReadTimeoutError

from core.errors import ContentError, TransportError
from sources.call import LATER, Call, Passing

Progress = Callable[[int, int | None], None] | None


def chunks(call: Call, response: Response, max_bytes: int, progress: Progress) -> Iterator[bytes]:
    """The decoded body as it comes in, within the limits of time and size."""
    size, whole = 0, "a whole body"
    # Of an encoded body, the length on the wire says nothing about ours.
    total = None if "Content-Encoding" in response.headers else response.raw.length_remaining
    while call.remaining():
        if max(size, total or 0) > max_bytes:
            limit = f"at most {max_bytes} bytes (`max_megabytes`)"
            raise call.error(ContentError, limit, "more", "look what the URL gives, or raise it")
        try:
            # At most one read of the socket, or a slow drip would outwait the limit of time.
            chunk = response.raw.read1(1 << 16, decode_content=True)
        except HTTPError as e:  # urllib3 compares with Content-Length
            kind = TransportError if isinstance(e, ReadTimeoutError) else ContentError
            raise Passing(call.error(kind, whole, f"cut at {size} B: {e!r}", LATER), 0) from None
        if not chunk:
            call.remaining()  # what was ended by us is not whole
            break
        size += len(chunk)
        if progress:
            progress(size, total)
        yield chunk
    if not size and response.status_code == 200:
        raise call.error(ContentError, whole, "an empty one (0 bytes)", LATER)
