"""Of several values of one key the one that carries its series on is published, and no other."""

from __future__ import annotations

from collections.abc import Sequence

from tests.fixtures.models import run

Cell = tuple[int, int, float]


def continued(*cells: Cell) -> set[int]:
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
    found: Sequence[dict[str, int]] = run("int_cell__continued", {"int_cell__candidate": rows})
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
