"""New content in which a city has another one's series: found per city, and named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fixtures import models

NAMES = ["Aby", "Bex", "Coo", "Dax"]
Figures = Mapping[tuple[int, int], float]


def figures(
    years: range = range(2000, 2010), size: float = 100_000
) -> dict[tuple[int, int], float]:
    return {(c, y): size * (c + 1) + 137 * (y - 2000) for c in range(4) for y in years}


def found(before: Figures, now: Figures) -> dict[str, Any]:
    """The row of the one series, or nothing."""

    def key(city: int, year: int) -> dict[str, Any]:
        return {
            "source_id": "s__a",
            "indicator": "population",
            "spatial_unit": "city_proper",
            "time_period": str(year),
            "city_id": city,
        }

    rows = models.run(
        "int_series__exchanged",
        {
            "previous_figure": [{**key(*k), "obs_value": v} for k, v in before.items()],
            "int_series__now": [{**key(*k), "obs_value": v} for k, v in now.items()],
            "source": [{"source_id": "s__a"}],
            "int_city": [{"city_id": i, "name": name} for i, name in enumerate(NAMES)],
        },
    )
    return rows[0] if rows else {}


def exchanged(given: Figures, one: int, other: int) -> dict[tuple[int, int], float]:
    places = {one: other, other: one}
    return {(places.get(c, c), y): v for (c, y), v in given.items()}


def test_two_labels_in_each_others_place_are_named() -> None:
    before = figures()
    row = found(before, exchanged(before, 1, 3))
    assert row["exchanged_cities"] == 2
    assert row["exchanged_pairs"] == "Bex (1) has what Dax (3) had, Dax (3) has what Bex (1) had"


def test_rows_that_moved_on_by_one_are_found_without_an_exchange() -> None:
    before = figures()
    moved = {(c, y): before[(c + 1) % 4, y] for c, y in before}
    assert found(before, moved)["exchanged_cities"] == 4


def test_two_labels_of_a_source_with_one_year_are_found_as_well() -> None:
    before = {k: v + 4321 for k, v in figures(range(2000, 2001)).items()}
    assert found(before, exchanged(before, 0, 2))["exchanged_cities"] == 2


def test_a_revision_is_no_exchange() -> None:
    before = figures()
    assert found(before, {k: v * 1.3 for k, v in before.items()}) == {}
    assert found(before, before) == {}


def test_small_counts_that_become_those_of_another_city_are_none() -> None:
    before = {(c, y): float(c + (y - 2000) % 3) for c in range(4) for y in range(2000, 2004)}
    now = {**before, **{(0, y): before[3, y] for y in range(2000, 2003)}}
    assert found(before, now) == {}
