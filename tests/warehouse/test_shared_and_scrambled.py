"""Figures that are not their city's: a wider unit's, another row's, a block that changed places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fixtures import models

# Two groups of five towns of one country, 5 km and 500 km apart, with 100,000 to 1,000,000 people.
CITIES = [
    {
        "city_id": i,
        "country_iso2": "AA",
        "latitude": 10.0 + 0.05 * i if i < 5 else 20.0 + 5 * i,
        "longitude": 30.0,
        "gazetteer_population": 100_000 * (i + 1),
    }
    for i in range(10)
]
PEOPLE = {
    "indicator": "people",
    "value_kind": "stock",
    "unit_measure": "persons",
    "max_step": 5.0,
    "per_person_min": None,
    "per_person_max": None,
    "gazetteer_comparable": True,
}
YEARS = (2000, 2005, 2010)
Figures = Mapping[tuple[int, int], float]


def rejected(
    model: str, changed: Figures, source: str = "s__a", **indicator: Any
) -> set[tuple[int, int]]:
    """(city, year) that a model rejects where some figures of an ordinary table are changed."""
    ordinary = {
        (i, year): 100_000.0 * (i + 1) * 1.01 ** (year - 2000) + 12_345 + i
        for i in range(10)
        for year in YEARS
    }
    cells = [
        {
            "cell_id": i * 10_000 + year,
            "source_id": source,
            "indicator": "people",
            "spatial_unit": "city_proper",
            "city_id": i,
            "time_period": str(year),
            "freq": "A",
            "point": None,
            "obs_value": float(value),
            "obs_status": "A",
        }
        for (i, year), value in {**ordinary, **changed}.items()
    ]
    given = {
        "int_cell__distinct": cells,
        "indicator": [{**PEOPLE, **indicator}],
        "int_city": CITIES,
    }
    return {divmod(r["cell_id"], 10_000) for r in models.run(model, given)}


def shared(changed: Figures) -> set[tuple[int, int]]:
    return rejected("int_implausible__shared", changed)


def scrambled(changed: Figures) -> set[tuple[int, int]]:
    return rejected("int_implausible__scrambled", changed)


def test_the_total_of_a_metropolis_on_its_members_is_none_of_theirs() -> None:
    total = {(i, 2010): 4_434_878.0 for i in (1, 2, 3)}
    assert shared(total) == set(total)


def test_the_largest_by_far_keeps_what_its_suburb_repeats() -> None:
    assert shared({(0, 2010): 2_116_842.0, (4, 2010): 2_116_842.0}) == {(0, 2010)}


def test_of_two_with_one_figure_that_one_keeps_it_whose_other_years_are_like_it() -> None:
    own = 100_000.0 * 3 * 1.01**10 + 12_347
    assert shared({(3, 2010): own, (2, 2010): own}) == {(3, 2010)}


def test_rounded_figures_meet_by_chance() -> None:
    assert shared({(i, 2010): 4_400_000.0 for i in (1, 2, 3)}) == set()


def test_distant_cities_may_meet_in_five_digits_but_not_in_seven() -> None:
    assert shared({(7, 2010): 812_340.0, (8, 2010): 812_340.0}) == set()
    assert shared({(7, 2010): 1_812_345.0, (8, 2010): 1_812_345.0}) == {(7, 2010), (8, 2010)}


def test_a_block_whose_rows_have_changed_places_is_withheld_whole() -> None:
    mixed = {(i, 2005): 100_000.0 * (1 + (i * 7 + 4) % 10) for i in range(10)}
    assert scrambled(mixed) == {(i, 2005) for i in range(10)}


def test_a_block_in_another_unit_is_not_scrambled() -> None:
    assert scrambled({(i, 2005): 100.0 * (i + 1) for i in range(10)}) == set()


def test_two_cities_in_each_others_place_are_no_scrambled_block() -> None:
    assert scrambled({(0, 2005): 1_000_000.0, (9, 2005): 100_000.0}) == set()
