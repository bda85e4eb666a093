"""JSON answers → all-text tables: sparse cubes, bindings, records in three shapes, many answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import ContentError
from sources.declarations import Bounds
from sources.formats import decode
from sources.tables import Format

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "recordings"

ANY = Bounds(min_rows=0, max_rows=1_000_000)


def read(tmp_path: Path, document: Any, **form: Any) -> list[dict[str, Any]]:
    path = tmp_path / "file"
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    rows: list[dict[str, Any]] = decode("test", path, Format(**form), ANY, tmp_path).to_pylist()
    return [{k: v for k, v in row.items() if k != "row_number"} for row in rows]


def cube(**changes: Any) -> dict[str, Any]:
    """The documented example of Eurostat: two cities, two years, a flag without a value."""
    return {
        "version": "2.0",
        "class": "dataset",
        "value": {"0": 9897599, "2": 8866541, "3": 8908081},
        "status": {"1": ":", "3": "p"},
        "id": ["freq", "cities", "time"],
        "size": [1, 2, 2],
        "dimension": {
            "freq": {"category": {"index": {"A": 0}, "label": {"A": "Annual"}}},
            # Positions are those of the index, not of the order in which codes are written.
            "cities": {"category": {"index": {"UK001C": 1, "TR012C": 0}, "label": {}}},
            "time": {"category": {"index": ["2017", "2018"]}},
        },
        **changes,
    }


def test_a_sparse_cube_has_a_row_for_each_value_or_flag(tmp_path: Path) -> None:
    rows = read(tmp_path, cube(), kind="jsonstat")
    assert [(r["cities"], r["time"], r["value"], r["status"]) for r in rows] == [
        ("TR012C", "2017", "9897599", None),
        ("TR012C", "2018", None, ":"),
        ("UK001C", "2017", "8866541", None),
        ("UK001C", "2018", "8908081", "p"),
    ]
    assert {r["freq.label"] for r in rows} == {"Annual"}


@pytest.mark.parametrize(
    ("value", "status"),
    [([1, None, 2, 3], [None, None, None, "p"]), ({"0": 1, "2": 2, "3": 3}, {"3": "p"})],
)
def test_values_and_flags_may_be_lists_as_well(tmp_path: Path, value: Any, status: Any) -> None:
    rows = read(tmp_path, cube(value=value, status=status), kind="jsonstat")
    assert [(r["value"], r["status"]) for r in rows] == [("1", None), ("2", None), ("3", "p")]


def test_a_cube_without_flags_has_none(tmp_path: Path) -> None:
    document = cube()
    del document["status"]
    assert {r["status"] for r in read(tmp_path, document, kind="jsonstat")} == {None}


@pytest.mark.parametrize(
    "broken",
    [{"size": [1, 2, 3]}, {"value": {"9": 1}}, {"id": ["x"]}, {"dimension": None}, {"value": "x"}],
)
def test_a_cube_that_contradicts_itself_is_refused(tmp_path: Path, broken: dict[str, Any]) -> None:
    with pytest.raises(ContentError):
        read(tmp_path, cube(**broken), kind="jsonstat")


def test_an_unbound_variable_and_an_unknown_value_are_null(tmp_path: Path) -> None:
    genid = "http://www.wikidata.org/.well-known/genid/abc"
    bindings = [
        {"a": {"type": "literal", "value": "1"}},
        {"a": {"type": "bnode", "value": "t1"}, "b": {"type": "uri", "value": genid}},
    ]
    document = {"head": {"vars": ["a", "b"]}, "results": {"bindings": bindings}}
    rows = read(tmp_path, document, kind="sparql_json")
    assert rows == [{"a": "1", "b": None}, {"a": None, "b": None}]


def test_a_recorded_answer_of_wikidata_is_read(tmp_path: Path) -> None:
    recorded = RECORDINGS / "wikidata-sparql-recorded" / "body.eu.js"
    if not recorded.exists():
        pytest.skip("the recordings are not here (RECORDINGS)")
    document = json.loads(recorded.read_text(encoding="utf-8"))
    rows = decode("test", recorded, Format(kind="sparql_json"), ANY, tmp_path).to_pylist()
    assert len(rows) == len(document["results"]["bindings"])
    assert [k for k in rows[0] if k != "row_number"] == document["head"]["vars"]
    assert rows[0]["cityLabel"] == document["results"]["bindings"][0]["cityLabel"]["value"]


def test_numbers_stay_as_they_are_written(tmp_path: Path) -> None:
    text = '{"results": [{"a": 0.10, "b": 1e3, "c": 0, "d": [1.50, {"e": 2}], "f": true}]}'
    rows = read(tmp_path, text, kind="json_records", records="results")
    assert rows == [{"a": "0.10", "b": "1e3", "c": "0", "d": '[1.5, {"e": 2}]', "f": "true"}]


def test_one_level_is_flattened_and_its_absence_is_no_column(tmp_path: Path) -> None:
    document = {"results": [{"at": {"lon": 1, "lat": 2}}, {"at": None}]}
    rows = read(tmp_path, document, kind="json_records", records="results")
    assert rows == [{"at.lon": "1", "at.lat": "2"}, {"at.lon": None, "at.lat": None}]


def test_parallel_lists_become_rows(tmp_path: Path) -> None:
    document = {"daily": {"time": ["2023-01-01", "2023-01-02"], "t": [10.4, None]}}
    rows = read(tmp_path, document, kind="json_records", records="daily", shape="columns")
    assert rows == [{"time": "2023-01-01", "t": "10.4"}, {"time": "2023-01-02", "t": None}]


def test_series_by_name_become_rows(tmp_path: Path) -> None:
    document = {"properties": {"parameter": {"T2M": {"202301": 8.1, "202313": 16.3}}}}
    rows = read(
        tmp_path, document, kind="json_records", records="properties.parameter", shape="series"
    )
    assert rows[1] == {"name": "T2M", "period": "202313", "value": "16.3"}


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ({"other": []}, {"records": "results"}),
        ({"results": [1]}, {"records": "results"}),
        ({"daily": {"a": [1], "b": [1, 2]}}, {"records": "daily", "shape": "columns"}),
        ({"parameter": {"T2M": 1}}, {"records": "parameter", "shape": "series"}),
    ],
)
def test_another_shape_than_declared_is_refused(
    tmp_path: Path, document: Any, form: dict[str, Any]
) -> None:
    with pytest.raises(ContentError):
        read(tmp_path, document, kind="json_records", **form)


def test_many_answers_are_one_table_that_says_what_each_is_about(tmp_path: Path) -> None:
    lines = [
        {"url": "u", "status": 200, "body": '{"items": [{"v": 1}]}', "about": {"city_id": "7"}},
        {"url": "u", "status": 404, "body": "gone", "about": {"city_id": "8"}},
        {"url": "u", "status": 200, "body": '{"items": [{"v": 2}]}', "about": {"city_id": "9"}},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    rows = read(tmp_path, text, kind="json_records", records="items", pages=True)
    assert rows == [{"about.city_id": "7", "v": "1"}, {"about.city_id": "9", "v": "2"}]


def test_a_line_that_is_no_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="one answer in every line"):
        read(tmp_path, '{"items": []}\n', kind="json_records", records="items", pages=True)
