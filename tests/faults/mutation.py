"""Bodies that are a little, or thoroughly, wrong: each format spoilt by what it is made of.

Belongs here: one change after another, drawn by a given source of randomness. Does not belong here:
how a body is read.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from random import Random
from typing import Any

# What stands where a number, a text or a list should be.
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1e308,
    "",
    "x" * 70_000,
    "\x00\x1b[31m\u202e",
    "💥" * 200,
    "=cmd|' /C calc'!A0",
    "'; drop table cell; --",
    "../../../etc/passwd",
    "1e999999",
    "NaN",
    [],
    {},
    [[]],
    [1],
    {"a": {"b": {"c": []}}},
    {str(n): n for n in range(5000)},
)
_TEXTS = (*(v for v in HOSTILE if isinstance(v, str)), '"', "\n", ",", "\r", '""', "\ufeff")
_FIELDS = tuple(text.encode() for text in _TEXTS)
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"

# Changes multiply: what has grown so far is large enough, packed or not.
_LARGE = 2_000_000


def mutated(body: bytes, random: Random, delimiter: str = ",") -> bytes:
    """`body` after one to four changes. `delimiter`: of the text that it is, or has in a zip."""
    for _ in range(random.randint(1, 4)):
        if len(body) > _LARGE:
            break
        body = _changed(body, random, delimiter.encode())
    return body


def _times(size: int, random: Random, *counts: int) -> int:
    """How often something of this size is repeated: not beyond what is large."""
    return min(random.choice(counts), max(1, _LARGE // max(size, 1)))


def _changed(body: bytes, random: Random, mark: bytes) -> bytes:
    if random.random() < 0.25 or body[:4] == _OLD_WORKBOOK:
        return _bytes(body, random)
    if body[:2] == b"PK":
        return _archive(body, random, mark)
    if body[:1] in b"[{":
        return _json(body, random)
    return _delimited(body, random, mark)


def _bytes(body: bytes, random: Random) -> bytes:
    at = random.randint(0, len(body))
    match random.randint(0, 6):
        case 0:
            return body[:at]
        case 1:
            return body[:at] + bytes([random.randint(0, 255)]) + body[at + 1 :]
        case 2:
            return body[:at] + random.randbytes(random.randint(1, 40)) + body[at:]
        case 3:
            return body + body
        case 4:
            return b"\xff\xfe" + body.decode("utf-8", "replace").encode("utf-16-le")
        case 5:
            return body[at:] + body[:at]
        case _:
            return b"<!doctype html><title>Sorry</title>" + body


def _json(body: bytes, random: Random) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):  # many answers, one in a line; or spoilt before
        lines = body.split(b"\n")
        n = random.randrange(len(lines))
        if len(lines) == 1 or not lines[n].startswith(b"{"):
            return _bytes(body, random)
        lines[n] = _json(lines[n], random)
        return b"\n".join(lines)
    if random.random() < 0.05:
        return b"[" * 100_000 + body
    answer = document.get("body") if isinstance(document, dict) else None
    if isinstance(answer, str) and random.random() < 0.7:
        # What a service answered is a document within the line about it (`protocols.pages`).
        inner = _changed(answer.encode("utf-8", "surrogatepass"), random, b",")
        document["body"] = inner.decode("utf-8", "replace")
        return json.dumps(document).encode("utf-8", "surrogatepass")
    places = list(_places(document))
    if not places:
        return json.dumps(random.choice(HOSTILE)).encode()
    holder, key = random.choice(places)
    match random.randint(0, 4):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, list):
            size = len(json.dumps(holder[key]))
            holder.extend([holder[key]] * _times(size, random, 1, 10, 5000))
        case 2 if isinstance(holder, dict):
            holder[random.choice(_TEXTS)] = holder.pop(key)
        case 3 if isinstance(holder, dict):
            # Beside `place: {lat: 1}` a `place.lat`, or the name of a field of another record.
            names = [str(k) for h, k in places if isinstance(h, dict)]
            name = random.choice(names)
            holder[random.choice((name, f"{key}.{name}"))] = holder[key]
        case _:
            holder[key] = random.choice(HOSTILE)
    return json.dumps(document).encode("utf-8", "surrogatepass")


def _places(node: Any) -> Any:
    keys = node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        yield node, key
        yield from _places(node[key])


def _delimited(body: bytes, random: Random, mark: bytes) -> bytes:
    # Bytes, for a text may have any encoding.
    lines = body.split(b"\n")
    n = random.randrange(len(lines))
    fields = lines[n].split(mark)
    m = random.randrange(len(fields))
    match random.randint(0, 7):
        case 0:
            fields[m] = random.choice(_FIELDS)
        case 1:
            del fields[m]
        case 2:
            fields.insert(m, random.choice(_FIELDS))
        case 3:
            fields.extend([fields[m]] * _times(len(fields[m]), random, 1, 100, 20_000))
        case 4:
            return b"\n".join(lines[:n] + lines[n + 1 :])
        case 5:
            return b"\n".join([*lines, *[lines[n]] * _times(len(lines[n]), random, 1, 10, 20_000)])
        case 6:
            return body.replace(mark, random.choice((b",", b";", b"\t", b"|", b" ", b"")))
        case _:
            random.shuffle(fields)
    lines[n] = mark.join(fields)
    return b"\n".join(lines)


def _archive(body: bytes, random: Random, mark: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
    except Exception:  # spoilt before
        return _bytes(body, random)
    if not parts or sum(map(len, parts.values())) > _LARGE:
        return body
    name = random.choice(list(parts))
    match random.randint(0, 4):
        case 0:
            parts[random.choice(("../" + name, "/" + name, name * 60))] = parts.pop(name)
        case 1:
            del parts[name]
        case 2 if name.endswith((".xml", ".rels")):
            parts[name] = _markup(parts[name], random)
        case 3:
            parts[name] = parts[name] * _times(len(parts[name]), random, 2, 3000)
        case _:
            parts[name] = _changed(parts[name], random, mark)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    return made.getvalue()


def _markup(part: bytes, random: Random) -> bytes:
    """Another attribute, another text, a cell far out, an element twice or not at all."""
    text = part.decode("utf-8", "replace")
    found = list(re.finditer(r'="[^"]*"|>[^<]+<|<c>|<row>|<[^>]+>', text))
    if not found:
        return part
    at = random.choice(found)
    match at[0][:1], random.randint(0, 2):
        case "=", _:
            new = f'="{random.choice(("XFD1048576", "s", "-1", "A0", "99999999999", "é"))}"'
        case ">", _:
            new = f">{random.choice(('1e400', '', '&amp;', 'x' * 70_000, '-0'))}<"
        case _, 0:
            new = f'<c r="{random.choice(("XFD1048576", "ZZZ1", "A99999999", "B2"))}">'
        case _, 1:
            new = at[0] * 2
        case _:
            new = ""
    return (text[: at.start()] + new + text[at.end() :]).encode()
