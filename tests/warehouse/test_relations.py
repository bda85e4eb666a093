"""A part beside its whole, a rate beside its parts: figures that contradict each other."""

from __future__ import annotations

from typing import Any

from tests.fixtures import models

RELATIONS: list[dict[str, Any]] = [
    {
        "indicator": "scope_1",
        "relation": "part",
        "other": "emissions",
        "denominator": None,
        "factor": None,
    },
    {
        "indicator": "scope_of_grid",
        "relation": "part",
        "other": "emissions",
        "denominator": None,
        "factor": 3.0,
    },
    {
        "indicator": "beds_per_1000",
        "relation": "rate",
        "other": "beds",
        "denominator": "people",
        "factor": 1000.0,
    },
]


def contradictory(
    population: int = 100_000, spatial_unit: str = "city_proper", **values: float
) -> set[tuple[str, str]]:
    """(indicator, reason) among the figures of one city and year."""
    names = list(values)
    found = models.run(
        "int_implausible__relation",
        {
            "int_cell__distinct": [
                {
                    "cell_id": i,
                    "source_id": "b" if name == "people" else "a",
                    "indicator": name,
                    "spatial_unit": spatial_unit,
                    "city_id": 1,
                    "time_period": "2015",
                    "freq": "A",
                    "point": None,
                    "obs_value": values[name],
                    "obs_status": "A",
                }
                for i, name in enumerate(names)
            ],
            "indicator": [
                {
                    "indicator": name,
                    "value_kind": "stock",
                    "unit_measure": "t",
                    "max_step": None,
                    "per_person_min": None,
                    "per_person_max": None,
                    "gazetteer_comparable": False,
                }
                for name in names
            ],
            "indicator_relation": RELATIONS,
            "int_city": [{"city_id": 1, "gazetteer_population": population}],
        },
    )
    return {(names[r["cell_id"]], r["reason"]) for r in found}


def test_a_total_below_its_part_is_withheld_with_the_part() -> None:
    assert contradictory(emissions=1e6, scope_1=2e6) == {
        ("emissions", "part_exceeds_whole"),
        ("scope_1", "part_exceeds_whole"),
    }


def test_a_part_may_be_the_whole_and_a_rounding_more() -> None:
    assert contradictory(emissions=1e6, scope_1=1.02e6) == set()


def test_a_rate_of_other_inhabitants_is_withheld_with_its_count() -> None:
    assert contradictory(beds=19_404.0, beds_per_1000=95.0, people=6315.0) == {
        ("beds", "rate_contradicts_parts"),
        ("beds_per_1000", "rate_contradicts_parts"),
    }
    assert contradictory(beds=600.0, beds_per_1000=95.0, people=6315.0) == set()


def test_the_undated_gazetteer_has_to_be_far_off() -> None:
    assert contradictory(beds=19_404.0, beds_per_1000=95.0, population=40_000) == set()
    assert contradictory(beds=19_404.0, beds_per_1000=95.0, population=6_794) != set()


def test_a_wider_boundary_may_hold_far_more_than_the_town() -> None:
    cars = {"beds": 134_000.0, "beds_per_1000": 453.0}
    assert contradictory(population=6_800, spatial_unit="greater_city", **cars) == set()
    assert contradictory(population=6_800, **cars) != set()
    # But not far less.
    assert contradictory(population=9_000_000, spatial_unit="greater_city", **cars) != set()


def test_a_part_may_have_what_its_whole_leaves_out_by_definition() -> None:
    """Emissions of power for the grid are in scope 1, and not in the total of a BASIC inventory."""
    assert contradictory(emissions=1e6, scope_of_grid=2.3e6) == set()
    assert contradictory(emissions=1e6, scope_of_grid=4e6) != set()
