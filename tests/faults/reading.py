"""One body through the whole way from bytes to accepted cells, and how that ended.

Belongs here: seeds (a good body of every format, with its declaration) and outcomes. Does not
belong here: spoiling them (`mutation`, `payloads`), real bodies (`recorded`), whether all of a body
was read (`ledger`).
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow.parquet as pq

from core.errors import SourceError
from core.paths import DataPaths
from sources.access import AccessMethods, ArchiveAccess
from sources.declarations import Bounds, Source
from sources.landing import land
from sources.parse import parse
from sources.receipt import Receipt
from sources.tables import Table
from tests.faults.ledger import lost
from tests.fixtures.workbook import workbook

Ending = Literal["accepted", "refused", "crashed"]
_WIDE = {
    "columns": {
        "code": {"as": "ref_area_code"},
        "city": {"as": "ref_area"},
        "year": {"as": "time_period"},
        "people": {"indicator": "population"},
    }
}
_ROWS = [[str(n), f"City {n}", "2020", str(10_000 + n)] for n in range(1, 9)]
_RECORDS = [dict(zip(_WIDE["columns"], row, strict=True)) for row in _ROWS]


@dataclass(frozen=True)
class Seed:
    """A good body and the declaration that reads it, by one of its tables."""

    name: str
    source: Source
    table: str
    body: bytes

    @property
    def delimiter(self) -> str:
        """Of the text that the body is, if it is one."""
        return self.source.tables[self.table].format.delimiter


def _made(name: str, table: Mapping[str, Any], body: bytes) -> Seed:
    """Of eight rows, with one figure in each."""
    source = Source(
        source_id=f"fault__{name}",
        publisher="Fault",
        title="Fault",
        homepage="https://example.org",
        licence="cc-by-4.0",
        attribution="Fault",
        authority="official",
        cadence="yearly",
        edition="1",
        reference_period="2020",
        theme="population",
        spatial_unit="city_proper",
        bounds=Bounds(min_rows=8, max_rows=8, min_cities=8, max_columns=50),
        tables={"t": Table(**table)},
        access=AccessMethods(archive=ArchiveAccess(table="t")),
    )
    return Seed(name, source, "t", body)


def _csv() -> bytes:
    lines = [list(_WIDE["columns"]), *_ROWS]
    return "".join(",".join(line) + "\n" for line in lines).encode()


def _ragged() -> bytes:
    """The last text is in quotes."""
    return b"".join(line + b"\n" for line in [*_csv().split(b"\n")[:-2], b'8,City 8,2020,"10008"'])


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", _csv())
    return made.getvalue()


def _cube() -> bytes:
    codes = [row[0] for row in _ROWS]
    areas = {"index": codes, "label": {r[0]: r[1] for r in _ROWS}}
    cube = {
        "id": ["geo", "time"],
        "size": [len(codes), 1],
        "dimension": {"geo": {"category": areas}, "time": {"category": {"index": ["2020"]}}},
        "value": [int(row[3]) for row in _ROWS],
        "status": {"3": "p"},
    }
    return json.dumps(cube).encode()


def _sparql() -> bytes:
    names = list(_WIDE["columns"])
    bindings = [{n: {"type": "literal", "value": v} for n, v in r.items()} for r in _RECORDS]
    return json.dumps({"head": {"vars": names}, "results": {"bindings": bindings}}).encode()


def _worldbank() -> bytes:
    records = [
        {"country": {"id": r[0], "value": r[1]}, "date": r[2], "value": int(r[3])} for r in _ROWS
    ]
    return json.dumps([{"page": 1, "pages": 1, "total": 8, "lastupdated": "x"}, records]).encode()


_CUBE = {
    "geo": {"as": "ref_area_code"},
    "geo.label": {"as": "ref_area"},
    "time": {"as": "time_period"},
    "time.label": {"as": "ignored"},
    "value": {"indicator": "population"},
    "status": {"as": "obs_status"},
}
_BANK = {
    "lastupdated": {"as": "ignored"},
    "country.id": {"as": "ref_area_code"},
    "country.value": {"as": "ref_area"},
    "date": {"as": "time_period"},
    "value": {"indicator": "population"},
}
SEEDS = {
    seed.name: seed
    for seed in (
        _made("delimited", {"format": {"kind": "delimited"}, **_WIDE}, _csv()),
        _made("ragged", {"format": {"kind": "delimited", "ragged": True}, **_WIDE}, _ragged()),
        _made("zip", {"format": {"kind": "delimited", "member": "data.csv"}, **_WIDE}, _zip()),
        _made(
            "excel",
            {"format": {"kind": "excel"}, **_WIDE},
            workbook("a", [list(_WIDE["columns"]), *_ROWS]),
        ),
        _made(
            "lines_in_cells",
            {"format": {"kind": "excel", "one_cell_per_row": True}, **_WIDE},
            workbook("a", [[line] for line in _csv().decode().splitlines()]),
        ),
        _made(
            "json_objects",
            {"format": {"kind": "json_objects"}, **_WIDE},
            json.dumps(_RECORDS).encode(),
        ),
        _made(
            "json_records",
            {"format": {"kind": "json_records", "records": "data.rows"}, **_WIDE},
            json.dumps({"data": {"rows": _RECORDS}}).encode(),
        ),
        _made(
            "jsonstat",
            {"format": {"kind": "jsonstat"}, "columns": _CUBE, "statuses": {"p": "P"}},
            _cube(),
        ),
        _made("sparql_json", {"format": {"kind": "sparql_json"}, **_WIDE}, _sparql()),
        _made(
            "worldbank_json",
            {"format": {"kind": "worldbank_json"}, "columns": _BANK},
            _worldbank(),
        ),
    )
}


@dataclass(frozen=True)
class Outcome:
    """How a body ended: `said` is the sentence of a refusal, or what crashed."""

    ending: Ending
    said: str = ""
    rows: int = 0
    cells: int = 0
    lost: str = ""
    """What of an accepted body is not in its cells."""

    @property
    def fault(self) -> str:
        """What should not be, if anything; without a word of the body."""
        crash = self.said.partition(":")[0] if self.ending == "crashed" else ""
        return crash or self.lost


def read(paths: DataPaths, seed: Seed, body: bytes) -> Outcome:
    """Land a body and parse it as the seed is declared: a process with limits reads it."""
    source = seed.source
    folder = paths.root / "bodies"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / hashlib.sha256(body).hexdigest()
    file.write_bytes(body)
    try:
        sha256, size = land(paths, source.source_id, file)
        receipt = Receipt(
            source_id=source.source_id,
            resource="x",
            access_method="archive",
            table=seed.table,
            url="https://example.org/x",
            retrieved_at="2026-01-01T00:00:00+00:00",
            sha256=sha256,
            size=size,
            licence="cc-by-4.0",
        )
        content = parse(paths, source, receipt, lambda _: None)
    except SourceError as error:
        return Outcome("refused", str(error))
    except Exception as error:
        return Outcome("crashed", f"{type(error).__name__}: {error}")
    finally:
        file.unlink()
    raw = pq.read_table(content.folder(paths) / "table.parquet")
    cells = pq.read_table(content.folder(paths) / "cells.parquet")
    found = lost(source, source.tables[seed.table], body, raw, cells)
    return Outcome("accepted", rows=raw.num_rows, cells=cells.num_rows, lost=found)
