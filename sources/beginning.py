"""The beginning of a file as a file that can be decoded: as much as is needed to see its columns.

    delimited   the first complete lines
    JSON        the first complete records, with every list and object closed behind them
    zip, Excel  nothing: their tables of contents stand at the end. The first bytes tell the kind

Belongs here: cutting. Does not belong here: getting the bytes (`peek`), decoding them (`formats`).
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from core.errors import ContentError
from sources.tables import Format

_KINDS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


def shortened(source_id: str, path: Path, form: Format) -> Path | None:
    """A file beside this one, with what is complete in it; None where nothing could be decoded.

    Raises ContentError where the bytes are of another kind of file.
    """
    head = path.read_bytes()
    if form.member or form.kind == "excel":
        if not head.startswith(_KINDS):
            found = f"bytes that begin with {head[:40]!r}"
            raise _refused(source_id, "a zip file or a workbook", found)
        return None
    try:
        decoder = codecs.getincrementaldecoder(form.encoding)(form.encoding_errors)
        text = decoder.decode(head)
    except UnicodeDecodeError as error:
        found = f"a byte that is none, at {error.start}"
        raise _refused(source_id, f"text in {form.encoding}", found) from error
    begins = text.lstrip("\ufeff \t\r\n")[:1]
    if begins == "<":
        complete = text  # `decode` says what came instead of data
    elif form.kind == "delimited":
        complete = _lines(text, form)
    elif begins in ("{", "["):
        complete = _records(text)
    else:
        raise _refused(source_id, "a JSON document", f"text that begins with {text[:60]!r}")
    if not complete:
        return None
    target = path.with_name(f"{path.name}-beginning")
    target.write_text(complete, encoding=form.encoding, errors=form.encoding_errors, newline="")
    return target


def _lines(text: str, form: Format) -> str:
    """Up to the last end of a line outside of quotes; the header alone where quotes do not tell.

    A quotation mark opens where a field begins; within a field it is a sign like others.
    """
    mark = re.escape(form.quote or "")
    if mark and form.undoubled_quotes:
        lines = text.splitlines(keepends=True)[: form.skip_rows + 1]
        return "".join(lines) if len(lines) > form.skip_rows else ""
    if mark:
        begins = rf"(?:\A|(?<=[{re.escape(form.delimiter)}\r\n]))"
        quoted = rf"{begins}{mark}(?:[^{mark}]|{mark}{mark})*(?:{mark}|\Z)"
        # As long as it was, and without ends of lines.
        outside = re.sub(quoted, lambda field: mark * len(field[0]), text)
    else:
        outside = text
    return text[: outside.rfind("\n") + 1]


def _records(text: str) -> str:
    """Up to the end of the last object in a list, closed; empty where no object is complete."""
    open_now: list[str] = []
    complete = (0, "")
    in_text = is_escaped = False
    for at, sign in enumerate(text):
        if in_text:
            in_text = is_escaped or sign != '"'
            is_escaped = sign == "\\" and not is_escaped
        elif sign == '"':
            in_text = True
        elif sign in "{[":
            open_now.append("}" if sign == "{" else "]")
        elif sign in "}]" and open_now:
            open_now.pop()
            if sign == "}" and open_now[-1:] == ["]"]:
                complete = at + 1, "".join(reversed(open_now))
    end, closing = complete
    return text[:end] + closing


def _refused(source_id: str, expected: str, found: str) -> ContentError:
    return ContentError(
        source_id,
        expected=expected,
        found=found,
        todo="open the address in a browser: the publisher may have moved the file",
    )
