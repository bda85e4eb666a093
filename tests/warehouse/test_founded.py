"""A city has no figures from before it was there."""

from __future__ import annotations

from tests.fixtures.models import run


def test_figures_from_before_a_city_existed_are_rejected() -> None:
    cells = [
        {"cell_id": 1, "city_id": 7, "spatial_unit": "prefecture", "time_period": "2011"},
        {"cell_id": 2, "city_id": 7, "spatial_unit": "prefecture", "time_period": "2012"},
        {"cell_id": 3, "city_id": 7, "spatial_unit": "prefecture", "time_period": "2011-Q4"},
        # The town of the same name was there before, and so were other cities.
        {"cell_id": 4, "city_id": 7, "spatial_unit": "city_proper", "time_period": "2000"},
        {"cell_id": 5, "city_id": 8, "spatial_unit": "prefecture", "time_period": "2000"},
        {"cell_id": 6, "city_id": 7, "spatial_unit": "prefecture", "time_period": "undated"},
    ]
    begun = [{"city_id": 7, "spatial_unit": "prefecture", "founded": 2012, "abolished": None}]
    found = run("int_implausible__founded", {"int_cell__comparable": cells, "city_founded": begun})
    assert {(row["cell_id"], row["reason"]) for row in found} == {
        (1, "before_city_existed"),
        (3, "before_city_existed"),
    }


def test_figures_of_a_city_that_is_no_more_are_rejected() -> None:
    cells = [
        {"cell_id": year, "city_id": 7, "spatial_unit": "prefecture", "time_period": str(year)}
        for year in (2010, 2011, 2020)
    ]
    ended = [{"city_id": 7, "spatial_unit": "prefecture", "founded": None, "abolished": 2011}]
    found = run("int_implausible__founded", {"int_cell__comparable": cells, "city_founded": ended})
    assert {(row["cell_id"], row["reason"]) for row in found} == {
        (2011, "after_city_ended"),
        (2020, "after_city_ended"),
    }
