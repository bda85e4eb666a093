"""Of several values of one key the one that carries its series on is published, and no other."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from tests.fixtures.models import run

Cell = tuple[int, int, float]


def continued(*cells: Cell, is_count: bool = False) -> set[int]:
    """Of (cell, year, value) of one city those that carry its series on."""
    fixed = {"city_id": 1, "indicator": "people", "source_id": "s__a", "spatial_unit": "city"}
    rows = [
        {
            **fixed,
            "cell_id": cell,
            "time_period": str(year),
            "obs_value": value,
            "point": None,
            "is_impossible": False,
        }
        for cell, year, value in cells
    ]
    indicator = [{"indicator": "people", "gazetteer_comparable": is_count}]
    given = {"int_cell__candidate": rows, "indicator": indicator}
    found: Sequence[dict[str, int]] = run("int_cell__continued", given)
    return {row["cell_id"] for row in found}


def test_the_city_goes_on_and_its_greater_city_does_not() -> None:
    """A file that calls both by one name from 2015 on, of which the city alone was there before."""
    before = [(1, 2013, 100.0), (2, 2014, 101.0)]
    both = [(3, 2015, 102.0), (4, 2015, 153.0), (5, 2016, 154.0), (6, 2016, 103.0)]
    assert continued(*before, *both) == {3, 6}


def test_two_values_that_both_fit_stay_ambiguous() -> None:
    assert continued((1, 2014, 100.0), (2, 2015, 101.0), (3, 2015, 104.0)) == set()


def test_a_value_that_is_neither_close_nor_far_keeps_the_key_ambiguous() -> None:
    assert continued((1, 2014, 100.0), (2, 2015, 101.0), (3, 2015, 118.0)) == set()


def test_without_a_year_near_by_nothing_is_decided() -> None:
    assert continued((1, 2005, 100.0), (2, 2015, 101.0), (3, 2015, 153.0)) == set()
    assert (
        continued((2, 2015, 101.0), (3, 2015, 153.0), (4, 2016, 102.0), (5, 2016, 155.0)) == set()
    )


def test_the_same_value_twice_is_one() -> None:
    assert continued((1, 2014, 100.0), (3, 2015, 101.0), (4, 2015, 101.0), (5, 2015, 150.0)) == {3}


def kept(*cells: tuple[int, str, str]) -> dict[int, str]:
    """Of (cell, written value, label) of one key: why each is not published."""
    fixed = {"indicator": "area", "source_id": "s__a", "spatial_unit": "city"}
    given = {
        "int_cell__candidate": [
            {
                **fixed,
                "cell_id": cell,
                "city_id": 1,
                "country_iso2": None,
                "time_period": "undated",
                "point": None,
                "obs_value": float(value),
                "is_impossible": False,
            }
            for cell, value, _ in cells
        ],
        "resolution": [{"label_id": 1, "ref_area": "Town"}, {"label_id": 2, "ref_area": "Stadt"}],
        "int_city": [{"city_id": 1, "name": "Town"}],
        "int_city__english_name": [{"city_id": 1, "name": "Town"}],
        "int_cell__continued": pa.schema(
            [("cell_id", pa.int64()), ("is_of_counts", pa.bool_())]
        ).empty_table(),
    }
    staged = pa.Table.from_pylist(
        [
            {
                "cell": cell,
                "content_id": "c",
                "row_number": cell,
                "column_name": "v",
                "edition_order": "2010",
                "value_text": value,
                "label_id": 1 if label == "Town" else 2,
            }
            for cell, value, label in cells
        ]
    )
    found = run("int_cell__repeated", {**given, "stg_cell": staged})
    return {row["cell_id"]: row["reason"] for row in found}


def test_values_that_differ_by_a_rounding_are_one_figure() -> None:
    """The one with most digits is published."""
    assert kept((0, "8.9", "Town"), (1, "8.94", "Town")) == {0: "same_figure_rounded"}


def test_values_that_differ_by_more_are_ambiguous() -> None:
    found = kept((0, "8.1", "Town"), (1, "8.94", "Town"))
    assert found == {0: "ambiguous_in_source", 1: "ambiguous_in_source"}


def test_the_main_name_of_a_city_comes_before_another_one() -> None:
    assert kept((0, "5", "Stadt"), (1, "8", "Town")) == {0: "other_name_of_city"}


def test_a_rounded_figure_beside_the_exact_one_is_the_same() -> None:
    assert kept((0, "10.83", "Town"), (1, "11", "Town")) == {1: "same_figure_rounded"}


def test_of_census_and_estimate_the_one_goes_on_that_the_next_year_goes_on_from() -> None:
    """Milan's series is counted on from the census of 2011, Canada's from its estimates."""
    italy = [(1, 2010, 1324.0), (2, 2011, 1333.0), (3, 2011, 1242.0), (4, 2012, 1251.0)]
    assert continued(*italy, is_count=True) == {3}
    canada = [(1, 2015, 135.0), (2, 2016, 133.6), (3, 2016, 128.4), (4, 2017, 135.6)]
    assert continued(*canada, is_count=True) == {2}
    assert continued(*canada) == set()
