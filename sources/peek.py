"""A client that asks for the beginning of a file, and remembers what the service said of itself.

It is the client of `http`, with its hosts, limits, pacing and secrets; only less is asked for and
read. Protocols take it as they take the other.

Belongs here: the range of an answer, and what its headers tell. Does not belong here: what a
beginning is good for (`beginning`), whom to ask (`probe`).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests import PreparedRequest, Response

from sources.call import Call
from sources.formats.zipped import is_gzip
from sources.http import Answer, HttpClient


@dataclass(frozen=True)
class Heard:
    """What the last answer said before its body; `size` is of the whole file, where it is told."""

    status: int
    headers: Mapping[str, str]
    size: int | None


class Peek(HttpClient):
    """`base`, asking for the first bytes only. For one thread, one question."""

    def __init__(self, base: HttpClient, first_bytes: int | None) -> None:
        vars(self).update(vars(base))  # session, pacing, and what is known of unreachable hosts
        self._first = first_bytes
        self._read: _Beginning | None = None
        self.heard: Heard | None = None

    @property
    def is_cut(self) -> bool:
        """Whether the file goes on after what was read of it."""
        return self._read is not None and not self._read.ended and self._read.size != self._first

    def get(self, *asked: Any, **named: Any) -> Answer:
        """As its base. What is packed in a cut body is unpacked, as far as it goes."""
        answer = super().get(*asked, **named)
        if self.is_cut and answer.path and is_gzip(answer.path):
            packed = answer.path.read_bytes()
            plain = zlib.decompressobj(31).decompress(packed, self._first or 0)
            answer.path.write_bytes(plain)
        return answer

    def _request(self, call: Call, before: Response | None) -> PreparedRequest:
        request = super()._request(call, before)
        if self._first is not None:
            # Of packed bytes a range would be of another file.
            request.headers["Accept-Encoding"] = "identity"
            request.headers["Range"] = f"bytes=0-{self._first - 1}"
        return request

    def _answer(self, call: Call) -> Response:
        response = super()._answer(call)
        if self._first is not None and response.status_code in (200, 206):
            self._read = response.raw = _Beginning(response.raw, self._first, _size(response))
            response.status_code = 200  # a part answers as the whole does
        return response

    def _sent(self, call: Call, request: PreparedRequest) -> Response:
        response = super()._sent(call, request)
        self.heard = Heard(response.status_code, response.headers, _size(response))
        return response


class _Beginning:
    """The body of an answer that ends after so many bytes, whether or not the service knows."""

    length_remaining = None  # of what we want, not of what it would send

    def __init__(self, raw: Any, most: int, size: int | None) -> None:
        self._raw, self._left = raw, most
        self.size, self.ended = size, False

    def read1(self, amount: int, *, decode_content: bool) -> bytes:
        if self._left <= 0:
            return b""
        chunk: bytes = self._raw.read1(min(amount, self._left), decode_content=decode_content)
        self.ended = not chunk
        self._left -= len(chunk)
        return chunk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)


def _size(response: Response) -> int | None:
    if response.status_code == 206:
        told = re.fullmatch(r"bytes 0-\d+/(\d+)", response.headers.get("Content-Range", ""))
        return int(told[1]) if told else None
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None
