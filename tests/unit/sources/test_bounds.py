"""Reading stops at the declared rows and columns, whatever the format and the size of a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import SchemaDrift
from sources.declarations import Bounds
from sources.formats import decode
from sources.tables import Format
from tests.fixtures.workbook import workbook


def _csv(path: Path, header: list[str], rows: int) -> None:
    line = ",".join("1" for _ in header)
    path.write_text("\n".join([",".join(header), *[line] * rows]) + "\n", encoding="utf-8")


def _objects(path: Path, header: list[str], rows: int) -> None:
    # Every object has one key of its own, so that no row is wide.
    keys = [header[n % len(header)] for n in range(max(rows, len(header)))]
    path.write_text(json.dumps([{k: 1} for k in keys[: rows or None]]), encoding="utf-8")


def _jsonstat(path: Path, header: list[str], rows: int) -> None:
    codes = [f"c{n}" for n in range(rows)]
    cube: dict[str, Any] = {
        "id": ["geo", *header[1:]],
        "size": [rows, *[1] * (len(header) - 1)],
        "dimension": {
            "geo": {"category": {"index": codes}},
            **{name: {"category": {"index": ["x"]}} for name in header[1:]},
        },
        "value": [1] * rows,
    }
    path.write_text(json.dumps(cube), encoding="utf-8")


def _sparql(path: Path, header: list[str], rows: int) -> None:
    binding = {name: {"type": "literal", "value": "1"} for name in header}
    document = {"head": {"vars": header}, "results": {"bindings": [binding] * rows}}
    path.write_text(json.dumps(document), encoding="utf-8")


def _worldbank(path: Path, header: list[str], rows: int) -> None:
    document = [{"page": 1}, [dict.fromkeys(header, "1")] * rows]
    path.write_text(json.dumps(document), encoding="utf-8")


def _excel(path: Path, header: list[str], rows: int) -> None:
    path.write_bytes(workbook("a", [header, *[["1"] * len(header)] * rows]))


WRITERS: dict[str, Callable[[Path, list[str], int], None]] = {
    "delimited": _csv,
    "excel": _excel,
    "json_objects": _objects,
    "json_records": _objects,
    "jsonstat": _jsonstat,
    "sparql_json": _sparql,
    "worldbank_json": _worldbank,
}


@pytest.mark.parametrize("kind", WRITERS)
def test_reading_stops_at_the_declared_rows(kind: Any, tmp_path: Path) -> None:
    path, form = tmp_path / "file", Format(kind=kind)
    WRITERS[kind](path, ["city"], 5)
    assert decode("a__b", path, form, Bounds(min_rows=0, max_rows=5), tmp_path).num_rows == 5
    with pytest.raises(SchemaDrift, match=r"at most 4 rows; found 5 or more; reading stopped"):
        decode("a__b", path, form, Bounds(min_rows=0, max_rows=4), tmp_path)


@pytest.mark.parametrize("kind", WRITERS)
def test_reading_stops_at_the_declared_columns(kind: Any, tmp_path: Path) -> None:
    path, form = tmp_path / "file", Format(kind=kind)
    WRITERS[kind](path, [f"c{n}" for n in range(60)], 60)
    decode("a__b", path, form, Bounds(min_rows=0, max_rows=99, max_columns=200), tmp_path)
    with pytest.raises(SchemaDrift, match=r"at most 50 columns; found \d+ or more"):
        decode("a__b", path, form, Bounds(min_rows=0, max_rows=99, max_columns=50), tmp_path)


def test_a_name_of_sixty_thousand_letters_is_no_name_of_a_column(tmp_path: Path) -> None:
    path = tmp_path / "file"
    _csv(path, ["city", "x" * 60_000], 1)
    with pytest.raises(SchemaDrift, match=r"at most 1,000 characters; found 60,000 in column 2"):
        decode("a__b", path, Format(kind="delimited"), Bounds(min_rows=0, max_rows=9), tmp_path)
