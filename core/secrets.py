"""What a secret is, and how it is kept out of everything that is written or read.

Secrets are the values of the environment under the names below. They are masked by value, in every
spelling that a service may give them back in, where text enters the house: in errors and events.
What is kept (bodies, releases, logs) is searched for them, and refused.

Belongs here: names, spellings, masking, searching. Does not belong here: what follows from a find.
"""

from __future__ import annotations

import html
import json
import os
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

SECRET_NAME = re.compile("key|token|secret|sig|password|subscription|auth|cookie", re.IGNORECASE)
# Names of the environment whose values are secrets: keys of services, and where alerts go.
KEY_NAME = r"WCN_[A-Z0-9_]+_KEY"
_OF_ENVIRONMENT = re.compile(rf"{KEY_NAME}|WCN_ALERT_WEBHOOK")
# A shorter value, or part of one, would be found in any text.
MIN_LENGTH = 6
_IN_URL = re.compile(
    rf"(//)[^/@\s]+(?=@)|([?&;][^\s=&;?]*(?:{SECRET_NAME.pattern})[^\s=&;?]*=)[^\s&#;\"'<>)]*",
    re.IGNORECASE,
)
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Secret:
    """A key for one service: in a header, or in the query of the address."""

    value: str = field(repr=False)
    header: str | None = None
    query: str | None = None

    def headers(self) -> dict[str, str]:
        return {self.header: self.value} if self.header else {}

    def parameters(self) -> dict[str, str]:
        return {self.query: self.value} if self.query else {}


def secrets(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Name → value of every secret that this process was started with."""
    return {
        name: value.strip()
        for name, value in environment.items()
        if _OF_ENVIRONMENT.fullmatch(name) and len(value.strip()) >= MIN_LENGTH
    }


def masked(text: str, secret: Secret | None = None) -> str:
    """`text` without logins, values of query parameters with telling names, and any secret."""
    return without_secrets(_IN_URL.sub(r"\1\2***", text), secret)


def without_secrets(text: str, secret: Secret | None = None) -> str:
    """`text` without any secret of the environment and without `secret`, in any spelling."""
    values = {*secrets().values(), *([secret.value] if secret else [])}
    return _pattern(frozenset(values)).sub("***", text) if values else text


def found_in_file(path: Path, secret: Secret | None = None) -> str | None:
    """The name of a secret that stands in the bytes of a file, in any spelling."""
    known = secrets()
    if secret and secret.value not in known.values() and len(secret.value) >= MIN_LENGTH:
        known["the key of the service"] = secret.value
    if not known:
        return None
    wanted = {name: _needles(value) for name, value in known.items()}
    longest = max(len(n) for needles in wanted.values() for n in needles)
    tail = b""
    # Plain search in blocks: twenty times faster than a pattern, and the file may still grow.
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            content = tail + block.lower()
            for name, needles in wanted.items():
                if any(n in content for n in needles):
                    return name
            tail = content[-longest:]
    return None


def spellings(value: str) -> set[str]:
    """How a service may write a value back: as it is, in a URL, JSON, HTML, hexadecimal, base64."""
    return {
        value,
        quote(value),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        # Within a text of JSON that is itself a text of JSON.
        json.dumps(json.dumps(value)[1:-1])[1:-1],
        html.escape(value),
        value.encode().hex(),
        *_in_base64(value),
    }


def pattern(value: str) -> str:
    """A regular expression for all spellings, whatever their case; RE2 reads it as Python does."""
    return f"(?i){_alternatives([value])}"


def _in_base64(value: str) -> Iterator[str]:
    # In the middle of an encoded text (`user:key`) it begins at one of three places; the figures
    # at either end also hold bits of their neighbours.
    for encode in (b64encode, urlsafe_b64encode):
        for shift, lost in ((0, 0), (1, 2), (2, 3)):
            text = encode(b"\0" * shift + value.encode()).decode()
            whole = text.rstrip("=")
            sure = whole[lost : -1 if whole != text else None]
            if len(sure) >= MIN_LENGTH:
                yield sure


def _alternatives(values: Iterable[str]) -> str:
    found = {s for value in values for s in spellings(value)}
    return "|".join(re.escape(s) for s in sorted(found, key=lambda s: (-len(s), s)))


@cache
def _pattern(values: frozenset[str]) -> re.Pattern[str]:
    return re.compile(_alternatives(values), re.IGNORECASE)


@cache
def _needles(value: str) -> tuple[bytes, ...]:
    wide = (value.lower().encode(f"utf-16-{order}") for order in ("le", "be"))
    return (*(s.encode().lower() for s in sorted(spellings(value))), *wide)
