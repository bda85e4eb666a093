"""A country that steps as a whole: what is withheld, what is marked, and what is neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from tests.fixtures import models

COUNTRIES = [f"C{i}" for i in range(12)]
CITIES = [(10 * c + i, country) for c, country in enumerate(COUNTRIES) for i in range(5)]
YEARS = range(2001, 2011)
GAZETTEER = [
    {"city_id": city_id, "country_iso2": country, "gazetteer_population": 100_000 + 1000 * city_id}
    for city_id, country in CITIES
]
WASTE = {
    "indicator": "waste",
    "value_kind": "flow",
    "unit_measure": "t",
    "max_step": 5.0,
    "per_person_min": None,
    "per_person_max": None,
    "gazetteer_comparable": False,
    "population_hint": False,
}
Factor = Callable[[int, str, int], float]


def cells(factor: Factor, indicator: str = "waste") -> Iterator[dict[str, Any]]:
    """Half a tonne a head and one per cent more each year, times `factor(city, country, year)`."""
    for row in GAZETTEER:
        for year in YEARS:
            city, country = int(str(row["city_id"])), str(row["country_iso2"])
            usual = 0.5 * float(str(row["gazetteer_population"])) * 1.01 ** (year - 2001)
            yield {
                "cell_id": city * 10_000 + year,
                "source_id": "s__a",
                "indicator": indicator,
                "spatial_unit": "city_proper",
                "city_id": city,
                "time_period": str(year),
                "freq": "A",
                "point": None,
                "obs_value": usual * factor(city, country, year),
                "obs_status": "A",
            }


NO_SEAM = pa.schema(
    [("source_id", pa.string()), ("indicator", pa.string()), ("spatial_unit", pa.string()),
     ("city_id", pa.int64()), ("time_period", pa.string())]
).empty_table()  # fmt: skip


def judged(
    factor: Factor, **indicator: Any
) -> tuple[set[tuple[int, int]], set[tuple[int, int, str]]]:
    """(city, year) of what is rejected, (city, year, kind) of the breaks."""
    given = {
        "int_cell__distinct": list(cells(factor)),
        "indicator": [{**WASTE, **indicator}],
        "int_city": GAZETTEER,
    }
    rejected = models.run("int_implausible__country_step", given)
    kept = {
        **given,
        "int_series__seam": NO_SEAM,
        "int_cell__implausible": rejected or [{"cell_id": -1}],
    }
    breaks = models.run("int_series_break", kept)
    return (
        {divmod(r["cell_id"], 10_000) for r in rejected},
        {(b["city_id"], int(b["time_period"]), b["break_kind"]) for b in breaks},
    )


def of(country: str) -> set[int]:
    return {city_id for city_id, where in CITIES if where == country}


def test_a_unit_slip_of_a_country_is_withheld_on_the_side_that_no_country_shares() -> None:
    rejected, breaks = judged(lambda _, c, y: 0.001 if c == "C3" and y < 2005 else 1)
    assert rejected == {(city, year) for city in of("C3") for year in range(2001, 2005)}
    assert breaks == set()


def test_a_run_of_years_between_two_sides_that_agree_is_withheld() -> None:
    rejected, breaks = judged(lambda _, c, y: 3 if c == "C3" and y in (2004, 2005) else 1)
    assert rejected == {(city, year) for city in of("C3") for year in (2004, 2005)}
    assert breaks == set()


def test_a_city_that_does_not_step_with_its_country_keeps_its_values() -> None:
    rejected, _ = judged(lambda n, c, y: 10 if c == "C3" and y > 2005 and n != 30 else 1)
    assert {city for city, _ in rejected} == of("C3") - {30}


def test_a_step_whose_wrong_side_cannot_be_told_is_a_break() -> None:
    # From 0.6 to 1.6 times the level of the others: both may be.
    rejected, breaks = judged(lambda _, c, y: (0.6 if y < 2006 else 1.6) if c == "C3" else 1)
    assert rejected == set()
    assert breaks == {(city, 2006, "unexplained") for city in of("C3")}


def test_a_year_in_which_all_countries_fall_is_no_step_of_a_country() -> None:
    rejected, breaks = judged(lambda _, c, y: 0.25 if y == 2008 else 1)
    assert (rejected, breaks) == (set(), set())


def test_the_growth_of_one_city_is_no_step_of_its_country() -> None:
    rejected, breaks = judged(lambda n, _, y: 4 if n == 31 and y > 2006 else 1)
    assert (rejected, breaks) == (set(), set())


def test_counted_days_leap_with_the_weather() -> None:
    rejected, breaks = judged(
        lambda _, c, y: 9 if c == "C3" and y == 2003 else 1, value_kind="count"
    )
    assert (rejected, breaks) == (set(), set())


def test_a_merger_is_a_break_of_the_boundary_and_steady_growth_is_none() -> None:
    people = {"value_kind": "stock", "unit_measure": "persons", "gazetteer_comparable": True}
    rejected, breaks = judged(
        lambda n, _, y: 1.5 if n == 31 and y > 2006 else 1.04 ** (y - 2001) if n == 42 else 1,
        **people,
    )
    assert rejected == set()
    assert breaks == {(31, 2007, "boundary")}


def test_ten_times_for_years_is_a_break_and_after_a_slip_there_is_none() -> None:
    rejected, breaks = judged(lambda n, _, y: 10 if n == 31 and y > 2006 else 1)
    assert (rejected, breaks) == (set(), {(31, 2007, "unexplained")})
    given = {
        "int_cell__distinct": list(cells(lambda n, _, y: 1000 if n == 31 and y == 2006 else 1)),
        "indicator": [WASTE],
        "int_city": GAZETTEER,
    }
    slips = models.run("int_implausible__decimal", given)
    assert {divmod(r["cell_id"], 10_000) for r in slips} == {(31, 2006)}
    given |= {"int_cell__implausible": slips, "int_series__seam": NO_SEAM}
    assert models.run("int_series_break", given) == []


def doubtful(factor: Factor) -> set[tuple[int, int]]:
    """(city, year) of what is published and of low reliability."""
    given = {
        "int_cell__distinct": list(cells(factor)),
        "indicator": [WASTE],
        "int_city": GAZETTEER,
        "int_cell__carried": [{"cell_id": -1, "is_none": True}],
    }
    return {divmod(r["cell_id"], 10_000) for r in models.run("int_cell__doubtful", given)}


def test_all_figures_of_a_country_that_steps_far_and_undecidedly_are_doubtful() -> None:
    def far(_: int, country: str, year: int) -> float:
        return (0.47 if year < 2006 else 2.1) if country == "C3" else 1

    assert doubtful(far) == {(city, year) for city in of("C3") for year in YEARS}


def test_a_country_that_steps_a_little_or_is_withheld_is_not_doubtful() -> None:
    assert doubtful(lambda _, c, y: (0.6 if y < 2006 else 1.6) if c == "C3" else 1) == set()
    assert doubtful(lambda _, c, y: 0.001 if c == "C3" and y < 2005 else 1) == set()


def test_a_boundary_with_few_cities_is_wrong_in_the_periods_of_the_other_one() -> None:
    """Prices of a country's greater cities, of which there are two, beside those of its cities."""
    price = {**WASTE, "indicator": "ticket", "value_kind": "price", "unit_measure": "EUR"}
    given = list(cells(lambda _, c, y: 0.001 if c == "C3" and y < 2005 else 1, "ticket"))
    for cell in given:
        cell["obs_value"] /= 0.5 * (100_000 + 1000 * cell["city_id"])
        if cell["city_id"] in (30, 31):
            cell["spatial_unit"] = "greater_city"
    handed = {"int_cell__distinct": given, "indicator": [price], "int_city": GAZETTEER}
    rejected = models.run("int_implausible__country_step", handed)
    found = {divmod(r["cell_id"], 10_000) for r in rejected}
    assert found == {(city, year) for city in of("C3") for year in range(2001, 2005)}


def test_a_boundary_that_begins_after_the_step_is_wrong_with_its_country() -> None:
    """Ten times the waste from 2006 on, where two codes begin to mean the greater city."""
    given = [
        {**cell, "spatial_unit": "greater_city" if after else "city_proper"}
        for cell in cells(lambda _, c, y: 10 if c == "C3" and y >= 2006 else 1)
        for after in [cell["city_id"] in (30, 31) and int(cell["time_period"]) >= 2006]
    ]
    handed = {"int_cell__distinct": given, "indicator": [WASTE], "int_city": GAZETTEER}
    rejected = models.run("int_implausible__country_step", handed)
    found = {divmod(r["cell_id"], 10_000) for r in rejected}
    assert found == {(city, year) for city in of("C3") for year in range(2006, 2011)}


def away(factor: Factor, status: str = "A", **indicator: Any) -> set[tuple[int, int]]:
    """(city, year) of what is rejected in years in which a country leaves its level."""
    given = {
        "int_cell__distinct": [{**cell, "obs_status": status} for cell in cells(factor)],
        "indicator": [{**WASTE, **indicator}],
        "int_city": GAZETTEER,
    }
    rejected = models.run("int_implausible__excursion", given)
    return {divmod(r["cell_id"], 10_000) for r in rejected}


def nine_months(city: int, country: str, year: int) -> float:
    return 0.7 + (city % 10) / 100 if country == "C3" and year == 2005 else 1


def test_a_country_that_leaves_its_level_by_a_quarter_and_comes_back_is_withheld() -> None:
    assert away(nine_months) == {(city, 2005) for city in of("C3")}
    years = (2005, 2006)
    expected = {(city, year) for city in of("C3") for year in years}
    assert away(lambda _, c, y: 0.72 if c == "C3" and y in years else 1) == expected


def test_a_city_that_stays_at_its_level_keeps_the_year() -> None:
    found = away(lambda n, c, y: 1 if n == 30 else nine_months(n, c, y))
    assert {city for city, _ in found} == of("C3") - {30}


def test_what_neighbours_share_is_a_development() -> None:
    # A pandemic year: every fourth country loses half as much.
    def pandemic(city: int, country: str, year: int) -> float:
        if year == 2005 and country in ("C1", "C5", "C9"):
            return 0.88
        return nine_months(city, country, year)

    assert away(pandemic) == set()


def test_a_country_that_does_not_come_back_has_changed() -> None:
    assert away(lambda _, c, y: 0.75 if c == "C3" and y >= 2005 else 1) == set()
    assert away(lambda _, c, y: 0.75 if c == "C3" and 2003 <= y <= 2007 else 1) == set()


def test_what_leaps_by_itself_needs_a_longer_way_to_be_a_slip() -> None:
    assert away(nine_months, max_step=100.0) == set()


def test_another_definition_that_its_publisher_names_is_said_already() -> None:
    assert away(nine_months, status="B") == set()
