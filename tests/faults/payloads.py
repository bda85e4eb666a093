"""Bodies that are known to have harmed readers of files, by name: none may be taken for data.

Belongs here: the bodies. Does not belong here: random ones (`mutation`), what servers do on the
wire (`tests/unit/sources/test_http.py`).
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator

from tests.faults.reading import SEEDS
from tests.fixtures.workbook import workbook

# The word for "this much of it": large enough to hurt, small enough for a test.
_MANY = 200_000


def payloads() -> Iterator[tuple[str, str, bytes]]:
    """(seed, name, body) of every payload."""
    for seed in SEEDS:
        for name, make in _ANY.items():
            yield seed, name, make(SEEDS[seed].body)
    for seed in ("json_objects", "json_records", "jsonstat", "sparql_json", "worldbank_json"):
        for name, body in _JSON.items():
            yield seed, name, body
    for seed, cases in _SPECIAL.items():
        for name, case in cases.items():
            yield seed, name, case()


_ANY: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "one byte": lambda body: body[:1],
    "white space": lambda _: b" \n\t" * 50,
    "zeros": lambda _: b"\0" * 5000,
    "half of it": lambda body: body[: len(body) // 2],
    "a page that says sorry": lambda _: b"<!DOCTYPE html><html>We are down for maintenance</html>",
    "a page after a byte order mark": lambda _: b"\xef\xbb\xbf  <html></html>",
    "an error in XML": lambda _: b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "an error in JSON": lambda _: b'{"error": {"code": 500, "message": "try later"}}',
    "a sentence": lambda _: b"Rate limit exceeded. Please try again in 60 seconds.\n",
    "a PDF": lambda _: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "a picture": lambda _: b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
    "still compressed, and cut off": lambda body: gzip.compress(body)[:-9],
    "in UTF-16": lambda body: body.decode("latin-1").encode("utf-16"),
    "random bytes": lambda _: bytes(range(256)) * 40,
}
_JSON: dict[str, bytes] = {
    "null": b"null",
    "a number": b"1e400",
    "a text": b'"' + b"x" * 1_000_000 + b'"',
    "an empty list": b"[]",
    "an empty object": b"{}",
    "a list of texts": json.dumps(["a"] * 8).encode(),
    "lists in lists in lists": b"[" * _MANY + b"]" * _MANY,
    "objects in objects": b'{"a":' * _MANY + b"1" + b"}" * _MANY,
    "forty thousand keys": json.dumps([{f"k{n}": 1} for n in range(40_000)]).encode(),
    "one object of forty thousand keys": json.dumps({f"k{n}": {} for n in range(40_000)}).encode(),
    "a number of a million digits": b'[{"city": ' + b"9" * 1_000_000 + b"}]",
    "half a surrogate": b'[{"city": "\\ud800"}]',
    "cut in a text": b'[{"city": "Os',
    "two documents": b"[]\n[]",
    "a key given twice": b'[{"city": 1, "city": 2}]',
    "not a number": b'[{"city": NaN}]',
}


def _line(fields: int) -> bytes:
    return b",".join([b"1"] * fields) + b"\n"


_CSV: dict[str, Callable[[], bytes]] = {
    "two hundred thousand columns": lambda: _line(_MANY) + _line(_MANY),
    "a header of 60 kB": lambda: b"x" * 60_000 + b",city,year,people\n" + _line(4) * 8,
    "two hundred thousand rows": lambda: SEEDS["delimited"].body + _line(4) * _MANY,
    "one line of twenty megabytes": lambda: b"code,city,year,people\n" + b"x" * 20_000_000,
    "a quote that never ends": lambda: SEEDS["delimited"].body.replace(b"City 3", b'"City 3'),
    "a field too many": lambda: SEEDS["delimited"].body.replace(b"City 3", b"City, 3"),
    "a field too few": lambda: SEEDS["delimited"].body.replace(b"City 3,", b""),
    "another delimiter": lambda: SEEDS["delimited"].body.replace(b",", b";"),
    "the header alone": lambda: SEEDS["delimited"].body.partition(b"\n")[0] + b"\n",
    "no header": lambda: SEEDS["delimited"].body.partition(b"\n")[2],
    "the header twice": lambda: b"code,city,year,people\n" + SEEDS["delimited"].body,
    "columns that changed places": lambda: SEEDS["delimited"].body.replace(
        b"code,city,year,people", b"city,code,people,year"
    ),
    "every row twice": lambda: (
        SEEDS["delimited"].body + SEEDS["delimited"].body.partition(b"\n")[2]
    ),
    "words for figures": lambda: SEEDS["delimited"].body.replace(b",1000", b",none"),
    "years of nowhere": lambda: SEEDS["delimited"].body.replace(b",2020,", b",20XX,"),
    "a byte that is no text": lambda: SEEDS["delimited"].body.replace(b"City 5", b"Z\xfcrich"),
}

# Where lines may be short, a quote that never ends must not end the file unnoticed.
_RAGGED: dict[str, Callable[[], bytes]] = {
    "cut in a quoted text": lambda: SEEDS["ragged"].body.rstrip(b'"\n'),
    "a quote that never ends": lambda: SEEDS["ragged"].body.replace(b"City 3", b'"City 3'),
}


def _sheet(xml: str) -> bytes:
    return _with_part("xl/worksheets/sheet1.xml", xml.encode())


def _with_part(name: str, data: bytes, *, members: dict[str, bytes] | None = None) -> bytes:
    with zipfile.ZipFile(io.BytesIO(SEEDS["excel"].body)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    return _zipped({**parts, **(members or {}), name: data})


def _zipped(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEAD = f'<worksheet xmlns="{_MAIN}"><sheetData>'
_END = "</sheetData></worksheet>"
_LAUGHS = (
    "<!DOCTYPE x ["
    + "".join(
        f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' if n else '<!ENTITY a1 "ha">' for n in range(10)
    )
    + "]>"
)


def _shared() -> bytes:
    """One text of a megabyte, named by eighty thousand cells."""
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 80_001))
    text = f'<sst xmlns="{_MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
        'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        'relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'sharedStrings" Target="sharedStrings.xml"/></Relationships>'
    )
    members = {
        "[Content_Types].xml": types.encode(),
        "xl/_rels/workbook.xml.rels": relations.encode(),
        "xl/sharedStrings.xml": text.encode(),
    }
    return _with_part("xl/worksheets/sheet1.xml", (_HEAD + cells + _END).encode(), members=members)


_EXCEL: dict[str, Callable[[], bytes]] = {
    "a cell at XFD1048576": lambda: _sheet(
        f'{_HEAD}<row r="1"><c r="XFD1048576"><v>1</v></c></row>{_END}'
    ),
    "a cell at A4294967296": lambda: _sheet(
        f'{_HEAD}<row r="4294967296"><c r="A4294967296"><v>1</v></c></row>{_END}'
    ),
    "a cell at A0": lambda: _sheet(f'{_HEAD}<row r="0"><c r="A0"><v>1</v></c></row>{_END}'),
    "a text that eighty thousand cells share": _shared,
    "a thousand million laughs": lambda: _sheet(
        f'{_LAUGHS}{_HEAD}<row r="1"><c t="inlineStr"><is><t>&a10;</t></is></c></row>{_END}'
    ),
    "sixteen thousand columns": lambda: workbook("a", [["1"] * 16_000] * 9),
    "seventy thousand rows": lambda: workbook("a", [["code", "city", "year", "people"]] * 70_000),
    "a sheet that is not closed": lambda: _sheet(f'{_HEAD}<row r="1"><c><v>1'),
    "no sheet": lambda: _zipped({"[Content_Types].xml": b"<Types/>"}),
    "two sheets": lambda: workbook("a", [["code"], ["1"]], "b"),
    "an empty sheet": lambda: workbook("a", []),
    "an encrypted workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 3000,
    "200 MB of spaces": lambda: _sheet(f"{_HEAD}{' ' * 200_000_000}{_END}"),
}


def _lying_zip() -> bytes:
    body = bytearray(SEEDS["zip"].body)
    at = body.rfind(b"PK\x01\x02")
    body[at + 24 : at + 28] = (2_000_000_000).to_bytes(4, "little")
    return bytes(body)


def _link() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        member = zipfile.ZipInfo("data.csv")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return made.getvalue()


_ZIP: dict[str, Callable[[], bytes]] = {
    "another member": lambda: _zipped({"readme.txt": b"moved"}),
    "a member above": lambda: _zipped({"../data.csv": SEEDS["delimited"].body}),
    "a bomb": lambda: _zipped({"data.csv": b"0" * 100_000_000}),
    "a lie about its size": _lying_zip,
    "a link to a file of the host": _link,
    "a zip in it": lambda: _zipped({"data.csv": SEEDS["zip"].body}),
    "cut off": lambda: SEEDS["zip"].body[:-30],
    "a flipped byte": lambda: SEEDS["zip"].body[:60] + b"\xff" + SEEDS["zip"].body[61:],
}


def _cube(**changes: object) -> Callable[[], bytes]:
    return lambda: json.dumps({**json.loads(SEEDS["jsonstat"].body), **changes}).encode()


_CUBE: dict[str, Callable[[], bytes]] = {
    "a size of a thousand million": _cube(size=[10**9, 1]),
    "a negative size": _cube(size=[-8, 1]),
    "a position outside": _cube(value={"10000000000": 1}),
    "a negative position": _cube(value={"-1": 1}),
    "no dimensions": _cube(id=[], size=[]),
    "sizes in words": _cube(size=["eight", "one"]),
    "a text for the values": _cube(value="12"),
    "null for the values": _cube(value=None),
    "a list for a dimension": _cube(dimension=[]),
    "a dimension that is not there": _cube(id=["geo", "sex"]),
}


def _more(seed: str, before: bytes, field: bytes) -> Callable[[], bytes]:
    """One more field, before the first that begins so."""
    return lambda: SEEDS[seed].body.replace(before, field + b", " + before, 1)


_SPECIAL: dict[str, dict[str, Callable[[], bytes]]] = {
    "delimited": _CSV,
    "ragged": _RAGGED,
    "excel": _EXCEL,
    "lines_in_cells": {
        "a quote in the last row that never ends": lambda: workbook(
            "a",
            [
                [line]
                for line in SEEDS["delimited"]
                .body.decode()
                .replace(",10008", ',"10008')
                .splitlines()
            ],
        ),
    },
    "zip": _ZIP,
    "json_records": {
        "a field given twice": _more("json_records", b'"people":', b'"people": "1"'),
    },
    "jsonstat": _CUBE,
    "sparql_json": {
        "a value of a variable that the head does not name": _more(
            "sparql_json", b'"code":', b'"other": {"type": "literal", "value": "1"}'
        ),
    },
    "worldbank_json": {
        "a record with a field of the header": _more(
            "worldbank_json", b'"date":', b'"lastupdated": "y"'
        ),
        "a field that is of an object too": _more(
            "worldbank_json", b'"date":', b'"country.id": "9"'
        ),
    },
}
