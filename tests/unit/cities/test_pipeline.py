"""The steps: each can be run and looked at, and each file is one small table with its grain."""

from __future__ import annotations

import json

import duckdb
import pyarrow as pa
import pytest

from cities.inputs import Inputs
from cities.pipeline import STEPS, Ran
from cities.resolve import pipeline, resolve
from tests.fixtures.cities import asked

SPRINGFIELD = {"ref_area": "Springfield, MO", "country": "US", "spatial_unit": "metro"}


def test_every_file_is_a_step_of_few_lines_that_says_its_grain_first() -> None:
    (folder,) = {step.path.parents[1] for step in STEPS}
    assert {step.path for step in STEPS} == set(folder.rglob("*.sql"))
    assert len({step.table for step in STEPS}) == len(STEPS)
    for step in STEPS:
        assert step.query.startswith("-- Grain: "), step
        assert len(step.query.splitlines()) <= 150, step


def test_steps_run_one_by_one_and_say_how_long_and_how_many() -> None:
    with pipeline(Inputs(**asked([SPRINGFIELD, {"ref_area": "Wien", "country": "AT"}]))) as steps:
        steps.run("label_name")
        assert steps.ran[-1].step.table == "label_name"
        names = steps.connection.execute("select name from label_name order by all").fetchall()
        assert names == [("springfield",), ("wien",)]
        done = len(steps.ran)
        steps.run("placed_name")
        assert [ran.step.table for ran in steps.ran[done:]] == [
            "label_part",
            "reviewed",
            "placed_name",
        ]
        last = steps.ran[-1]
        assert last.rows == 2 + 5  # Springfield is looked for in five territories, too.
        assert 0 < last.seconds < 60
        with pytest.raises(KeyError):
            steps.run("nothing")


def test_a_step_that_fails_is_named() -> None:
    tables = asked([SPRINGFIELD])
    tables["labels"] = tables["labels"].drop_columns(["spatial_unit"])
    with (
        pipeline(Inputs(**tables)) as steps,
        pytest.raises(duckdb.BinderException, match="spatial_unit") as failed,
    ):
        steps.run()
    assert "in step labels/label_text" in failed.value.__notes__


def test_resolve_reports_every_step() -> None:
    ran: list[Ran] = []
    resolve(**asked([SPRINGFIELD]), ran=ran)
    assert [r.step for r in ran] == list(STEPS)
    assert {r.step.table: r.rows for r in ran}["decision"] == 1


def test_the_order_of_rows_changes_nothing() -> None:
    # Three names of one place that are alike, and two equal ways to write another.
    labels = [
        {"ref_area": "Wien (Vienna)", "country": "AT"},
        {"ref_area": "Santiago Queretaro", "country": "MX"},
        {"ref_area": "San Giovani Teatino", "country": "IT"},
        {"ref_area": "Springfield", "country": "US"},
        {"ref_area": "El Boulaïda (Blida)", "country": "DZ"},
    ]
    tables = asked([{**label, "label_id": str(i)} for i, label in enumerate(labels)])
    backwards = {
        name: table.take(pa.array(range(table.num_rows - 1, -1, -1)))
        for name, table in tables.items()
    }
    assert resolve(**tables).equals(resolve(**backwards))


def with_place(tables: dict[str, pa.Table], **place: object) -> dict[str, pa.Table]:
    """The tables with one more place, like London in Ontario but for what is given."""
    (london,) = [p for p in tables["places"].to_pylist() if p["city_id"] == 8]
    schema = tables["places"].schema
    more = pa.Table.from_pylist([{**london, "alternate_names": "[]", **place}], schema=schema)
    return {**tables, "places": pa.concat_tables([tables["places"], more])}


def test_of_two_equal_names_of_a_city_the_longer_one_counts() -> None:
    several = ("Aa / Bbbb", "Cccc / Dd", "Ee / Ffff", "Gggg / Hh", "Ii / Jjjj", "Kkkk / Ll")
    tables = asked([{"ref_area": f"Unheard / {names}", "country": "CA"} for names in several])
    other_names = [name for both in several for name in both.split(" / ")]
    tables = with_place(
        tables, city_id=100, name="Zz", ascii_name="Zz", alternate_names=json.dumps(other_names)
    )
    with pipeline(Inputs(**tables)) as steps:
        steps.run("named_candidate")
        query = "select letters from named_candidate where city_id = 100"
        assert steps.connection.execute(query).fetchall() == [(4,)] * len(several)


def test_behind_a_stroke_may_stand_where_the_place_lies() -> None:
    tables = asked([{"ref_area": "Byron/London", "country": "CA"}])
    beside = with_place(tables, city_id=100, name="Byron", ascii_name="Byron")
    assert resolve(**beside)["city_id"].to_pylist() == [100]
    # Or another name of it.
    both = with_place(
        tables, city_id=100, name="Byron", ascii_name="Byron", alternate_names='["London"]'
    )
    with pipeline(Inputs(**both)) as steps:
        steps.run("named_candidate")
        query = "select is_twice from named_candidate where city_id = 100"
        assert steps.connection.execute(query).fetchall() == [(True,)]


def test_of_two_names_that_are_alike_the_longer_one_counts() -> None:
    name = "Notre-Dame-du-Lac"
    tables = asked([{"ref_area": "Notre-Dame-Du-Rosaire", "country": "CA"}])
    tables = with_place(tables, city_id=100, name=name, ascii_name=name)
    with pipeline(Inputs(**tables)) as steps:
        steps.run("similar_candidate")
        alike = steps.connection.execute(
            """select length(name) from likeness
            where likeness_kind = 'longer' and similarity = 0.8 order by 1"""
        ).fetchall()
        chosen = steps.connection.execute("select letters from similar_candidate").fetchall()
    assert (alike, chosen) == ([(5,), (10,)], [(10,)])
