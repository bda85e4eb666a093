"""How numbers are written: every declared form is read as the figure that the publisher means."""

from __future__ import annotations

import pyarrow as pa
import pytest

from sources.cells import CELL_COLUMNS
from tests.fixtures import models


@pytest.mark.parametrize(
    ("form", "text", "figure"),
    [
        ("number", "1234.5", 1234.5),
        ("grouped_number", "10,753,080", 10_753_080.0),
        ("grouped_number", "68.5%", 68.5),
        ("bracketed_number", "(12)", 12.0),
        ("comma_number", "10.753.080,5", 10_753_080.5),
        ("comma_number", "1 234,5", 1234.5),
        ("comma_number", "1\u202f234", 1234.0),
        ("comma_number", "-12,5 %", -12.5),
        ("comma_number", "7.413.250", 7_413_250.0),
        ("comma_number", "7 8", None),
        ("comma_number", "12,5,3", None),
    ],
)
def test_a_number_is_read_as_it_is_written(form: str, text: str, figure: float | None) -> None:
    told = {"value_form": form, "value_text": text, "is_missing": False, "time_period": "2020"}
    types = {"BIGINT": pa.int64(), "INTEGER": pa.int32(), "BOOLEAN": pa.bool_()}
    schema = pa.schema([(n, types.get(t, pa.string())) for n, t in CELL_COLUMNS.items()])
    (cell,) = models.run("stg_cell", {"cell": pa.Table.from_pylist([told], schema=schema)})
    assert cell["obs_value"] == figure
