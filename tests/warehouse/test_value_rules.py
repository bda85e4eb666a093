"""Rules on single values: what is a slip, and what only looks like one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.settings import DBT_PROJECT
from tests.fixtures import models

INDICATOR = {
    "indicator": "visitors",
    "value_kind": "flow",
    "unit_measure": "persons",
    "max_step": 5.0,
    "per_person_min": 0.001,
    "per_person_max": 1000.0,
    "gazetteer_comparable": False,
    "population_hint": False,
    "concept": "visitors",
}
# city, year, value
Figure = tuple[int, int, float]


def rejected(
    model: str,
    changed: Iterable[Figure] = (),
    *,
    population: int = 100_000,
    years: Iterable[int] = range(2011, 2021),
    cities: int = 40,
    authority: str = "official",
    stated: int = 1,
    status: str = "A",
    estimated: Iterable[int] = (),
    **indicator: Any,
) -> set[tuple[int, int, str]]:
    """(city, year, reason): of forty cities with 10,000 to 50,000 a year, some changed.

    Each figure is stated so many times (by airports, by editions).
    """
    figures = {
        (city, year): 10_000.0 + 1000 * city + 10 * (year - 2000)
        for city in range(cities)
        for year in years
    }
    figures |= {(city, year): value for city, year, value in changed}
    cells = [
        {
            "cell_id": time * 1_000_000 + city * 10_000 + year,
            "source_id": "s__a",
            "indicator": "visitors",
            "spatial_unit": "city_proper",
            "city_id": city,
            "time_period": f"{year:04}",
            "freq": "A",
            "point": None,
            "obs_value": value,
            "obs_status": "E" if year in estimated else status,
        }
        for (city, year), value in figures.items()
        for time in range(stated)
    ]
    given = {
        "int_cell__distinct": cells,
        "indicator": [{**INDICATOR, **indicator}],
        "source": [{"source_id": "s__a", "authority": authority}],
        "int_city": [
            {"city_id": i, "country_iso2": f"C{i % 8}", "gazetteer_population": population}
            for i in range(cities)
        ],
        # No country of this world steps as a whole.
        "int_country__stretch_cell": [{"cell_id": -1}],
    }
    return {
        (*divmod(r["cell_id"] % 1_000_000, 10_000), r["reason"])
        for r in models.run(f"int_implausible__{model}", given)
    }


def test_a_lone_slip_is_rejected() -> None:
    assert rejected("step", [(7, 2015, 1700.0)]) == {(7, 2015, "implausible_step")}


def test_a_year_without_visitors_anywhere_makes_no_slips() -> None:
    # A third of the usual number everywhere, a seventh in one city.
    empty = [(c, 2016, (10_000 + 1000 * c) * 0.34) for c in range(40)]
    assert rejected("step", [*empty, (7, 2016, 17_000 * 0.15)]) == set()


def test_the_figures_of_another_time_are_rejected_whole() -> None:
    old = [(c, 2016, (10_000 + 1000 * c) * 0.15) for c in range(40)]
    # One of them hardly differs: it is of the other time as well.
    old[3] = (3, 2016, 13_000.0)
    assert rejected("step", old) == {(c, 2016, "period_slip") for c in range(40)}


def test_a_zero_between_two_years_that_agree_is_a_placeholder_and_at_the_end_it_is_none() -> None:
    assert rejected("step", [(7, 2015, 0.0)]) == {(7, 2015, "implausible_zero")}
    assert rejected("step", [(7, 2020, 0.0), (8, 2019, 0.0), (8, 2020, 0.0)]) == set()


def test_a_museum_that_closes_now_and_then_has_no_placeholders() -> None:
    assert rejected("step", [(7, 2013, 0.0), (7, 2016, 0.0)]) == set()


def test_a_price_of_zero_is_a_placeholder_at_the_end_as_well() -> None:
    found = rejected("step", [(7, 2020, 0.0)], value_kind="price")
    assert found == {(7, 2020, "implausible_zero")}


def test_an_outlier_among_cities_is_none_where_it_is_the_citys_own_level() -> None:
    steady = [(7, year, 9e7 + 1e6 * year) for year in range(2011, 2021)]
    assert rejected("outlier", steady) == set()
    assert rejected("outlier", [(7, 2015, 9e7)]) == {(7, 2015, "implausible_outlier")}


def test_of_percentages_only_shares_of_one_are_outliers() -> None:
    shares = [(c, y, 97.0 + c / 20) for c in range(40) for y in range(2011, 2014)]
    odd = [(5, 2012, 0.98), (6, 2012, 2.9)]
    found = rejected(
        "outlier",
        [*shares, *odd],
        years=range(2011, 2014),
        value_kind="ratio",
        unit_measure="percent",
    )
    assert found == {(5, 2012, "implausible_outlier")}


def test_a_village_of_the_middle_ages_is_no_contradiction_to_the_metropolis() -> None:
    found = rejected("per_person", [(7, 1250, 20.0), (8, 2015, 20.0)], authority="community")
    assert found == {(8, 2015, "implausible_per_person")}


def test_the_gazetteers_population_of_a_hamlet_is_no_evidence() -> None:
    assert rejected("per_person", population=20) == set()
    assert rejected("per_person", population=400, authority="community", per_person_max=10) != set()


def test_a_long_steady_official_series_outweighs_the_gazetteer() -> None:
    assert rejected("per_person", per_person_min=0.5) == set()
    assert len(rejected("per_person", per_person_min=0.5, authority="community")) == 400


def test_none_is_a_figure() -> None:
    assert rejected("per_person", [(7, 2015, 0.0)]) == set()


def test_a_stock_of_none_is_a_figure_and_a_price_of_none_is_not() -> None:
    assert rejected("placeholder", [(7, 2015, 0.0)], value_kind="stock") == set()
    found = rejected("placeholder", [(7, 2015, 0.0)], value_kind="price")
    assert found == {(7, 2015, "implausible_placeholder")}


def test_the_last_period_in_ten_times_the_unit_is_a_slip() -> None:
    assert rejected("decimal", [(7, 2020, 172_000.0)]) == {(7, 2020, "decimal_slip")}


def test_a_run_of_years_in_thousandths_is_a_slip() -> None:
    run = [(7, year, 17.1) for year in (2014, 2015, 2016)]
    assert rejected("decimal", run) == {(7, year, "decimal_slip") for year in (2014, 2015, 2016)}


def test_ten_times_for_years_may_be_another_definition_and_is_no_slip() -> None:
    assert rejected("decimal", [(7, year, 172_000.0) for year in (2018, 2019, 2020)]) == set()


def test_a_leap_that_is_no_power_of_ten_and_one_in_a_restless_series_are_none() -> None:
    assert rejected("decimal", [(7, 2020, 60_000.0)]) == set()
    restless = [(7, 2013, 60_000.0), (7, 2016, 50_000.0), (7, 2020, 172_000.0)]
    assert rejected("decimal", restless) == set()


def test_a_value_with_the_wrong_sign_is_a_slip() -> None:
    found = rejected("decimal", [(7, 2020, -17_200.0), (8, 2015, -3.0)])
    assert found == {(7, 2020, "sign_slip")}


def test_a_long_official_series_is_better_evidence_than_the_gazetteer() -> None:
    """Which may have a hamlet's figure for the municipality around it."""
    people = {"gazetteer_comparable": True, "population": 5_000, "cities": 1}
    steady = [(0, year, 160_000.0 + year) for year in range(2011, 2021)]
    assert rejected("gazetteer", steady, **people) == set()
    # Not of a compilation, and not where something agrees with the gazetteer.
    assert len(rejected("gazetteer", steady, authority="secondary", **people)) == 10
    disputed = [*steady, (0, 2005, 5_100.0)]
    assert len(rejected("gazetteer", disputed, **people)) == 10


# Two or three years of a hundred thousand people, as the gazetteer has them.
PEOPLE = {"value_kind": "stock", "gazetteer_comparable": True}


def _people(changed: Iterable[Figure], **given: Any) -> set[tuple[int, int, str]]:
    usual = [(c, y, 100_000.0 + c) for c in range(40) for y in range(2011, 2014)]
    return rejected("lone", [*usual, *changed], years=range(2011, 2014), **PEOPLE, **given)


def test_a_lone_figure_that_leaves_neighbours_whom_the_gazetteer_confirms_is_a_slip() -> None:
    # "100.012" with a decimal point, a digit too few, and one too many.
    slips = [(7, 2013, 100.012), (8, 2011, 10_001.0), (9, 2012, 1_000_010.0)]
    found = {(c, y, "implausible_step") for c, y, _ in slips}
    assert _people(slips) == found
    assert _people([(7, 2013, 51_000.0), (8, 2013, 190_000.0)]) == set()


def test_a_slip_that_is_stated_twice_for_its_year_is_one_all_the_same() -> None:
    assert _people([(7, 2013, 100.012)], stated=2) == {(7, 2013, "implausible_step")}


def test_a_figure_that_another_year_repeats_is_no_lone_slip() -> None:
    # The town proper of a metropolis, in two of three years.
    assert _people([(7, 2012, 9_000.0), (7, 2013, 9_100.0)]) == set()


def test_a_long_official_series_may_have_seen_its_city_emptied() -> None:
    usual = [(c, y, 100_000.0 + c) for c in range(40) for y in range(2011, 2021)]
    emptied = [*usual, (7, 2015, 9_000.0)]
    assert rejected("lone", emptied, **PEOPLE) == set()
    # Nobody knows yet what comes after its last year; its first one is another matter.
    assert rejected("lone", [*usual, (7, 2020, 9_000.0)], **PEOPLE) == set()
    begun = rejected("lone", [*usual, (7, 2011, 9_000.0)], **PEOPLE)
    assert begun == {(7, 2011, "implausible_step")}
    found = rejected("lone", emptied, authority="community", **PEOPLE)
    assert found == {(7, 2015, "implausible_step")}


def test_two_objections_to_one_figure_do_not_outvote_the_rest_of_its_label() -> None:
    folder = DBT_PROJECT / "models" / "intermediate" / "implausible"
    nothing = {
        p.stem: [{"cell_id": -1, "reason": "none"}] for p in folder.glob("int_implausible_*")
    }
    series = {"source_id": "s__a", "indicator": "visitors", "spatial_unit": "city_proper"}
    cells = [{"cell_id": n, **series, "city_id": 1} for n in (1, 2, 3)]
    twice = [{"cell_id": 1, "reason": "contradicts_gazetteer"}]
    also = [{"cell_id": 1, "reason": "implausible_per_person"}]
    given = {
        **nothing,
        "int_cell__comparable": cells,
        "int_implausible__gazetteer": twice,
        "int_implausible__per_person": also,
    }
    made = [row for row in models.run("int_cell__implausible", given) if row["cell_id"] > 0]
    assert [(r["cell_id"], r["reason"]) for r in made] == [(1, "implausible_per_person")]
    # Two of three figures of another place: the third is one, too.
    given["int_implausible__gazetteer"] = [{**twice[0], "cell_id": n} for n in (1, 2)]
    made = [row for row in models.run("int_cell__implausible", given) if row["cell_id"] > 0]
    assert {r["cell_id"] for r in made} == {1, 2, 3}


def test_what_is_usual_for_the_people_within_the_boundary_is_possible() -> None:
    """Guimarães: a greater city of 160,000 around a town of 41,000."""
    wide = [
        {
            "cell_id": i,
            "source_id": "s__a",
            "indicator": indicator,
            "spatial_unit": "greater_city",
            "city_id": 1,
            "time_period": "2015",
            "freq": "A",
            "point": None,
            "obs_value": value,
            "obs_status": "A",
        }
        for i, (indicator, value) in enumerate([("visitors", 90_000.0), ("people", 160_000.0)])
    ]
    people = {**INDICATOR, "indicator": "people", "value_kind": "stock", "per_person_max": None}
    given: dict[str, Any] = {
        "int_cell__distinct": wide,
        "indicator": [
            {**INDICATOR, "per_person_max": 1.0},
            {**people, "gazetteer_comparable": True},
        ],
        "source": [{"source_id": "s__a", "authority": "official"}],
        "int_city": [{"city_id": 1, "country_iso2": "AA", "gazetteer_population": 41_000}],
    }
    assert models.run("int_implausible__per_person", given) == []
    given["int_cell__distinct"] = wide[:1]
    assert [r["cell_id"] for r in models.run("int_implausible__per_person", given)] == [0]
    # Of a village that the gazetteer does not count, the people of the same boundary are enough.
    village = [{**wide[0], "obs_value": 5_822_290.0}, {**wide[1], "obs_value": 1156.0}]
    given |= {
        "int_cell__distinct": village,
        "int_city": [{**given["int_city"][0], "gazetteer_population": 0}],
    }
    assert [r["cell_id"] for r in models.run("int_implausible__per_person", given)] == [0]


def _carried(changed: Iterable[Figure], **given: Any) -> set[tuple[int, int]]:
    found = rejected("carried", changed, **given)
    assert all(reason == "carried_figure" for _, _, reason in found)
    return {(city, year) for city, year, _ in found}


def test_a_figure_of_many_digits_that_comes_again_the_next_year_was_carried_there() -> None:
    again = [(7, year, 294_077.0) for year in (2015, 2016, 2017)]
    assert _carried(again) == {(7, 2016), (7, 2017)}


def test_of_a_compilers_estimates_nothing_says_which_year_a_repeated_figure_is_of() -> None:
    again = [(7, year, 294_077.0) for year in (2015, 2016, 2017)]
    made = {"status": "E", "authority": "secondary"}
    assert _carried(again, **made) == {(7, 2015), (7, 2016), (7, 2017)}
    assert _carried(again[:2], **made) == {(7, 2016)}
    # A model lies flat by itself.
    assert _carried(again, status="E") == set()


def test_the_figure_of_a_census_is_no_estimate_of_the_year_after() -> None:
    again = [(7, year, 294_077.0) for year in (2015, 2016)]
    assert _carried(again, estimated=range(2016, 2021)) == {(7, 2016)}


def test_a_year_that_a_whole_country_says_again_is_no_year() -> None:
    """German births of 2019 are those of 2018 in all cities: small numbers, too."""
    said = {city: 901.0 + 7 * city for city in range(0, 40, 8)}
    again = [(city, year, value) for city, value in said.items() for year in (2018, 2019)]
    assert _carried(again) == {(city, 2019) for city in said}
    assert _carried(again[:2]) == set()


def test_round_figures_capacities_and_distant_years_come_again_by_chance() -> None:
    assert _carried([(7, 2015, 294_000.0), (7, 2016, 294_000.0)]) == set()
    assert _carried([(7, 2015, 29_407.0), (7, 2016, 29_407.0)]) == set()
    again = [(7, 2015, 123_456.0), (7, 2016, 123_456.0)]
    seats = {"value_kind": "stock", "unit_measure": "count"}
    assert _carried(again, **seats) == set()
    assert _carried([(7, 2012, 294_077.0), (7, 2018, 294_077.0)]) == set()


def test_a_country_whose_figures_are_in_another_unit_is_withheld_for_those_years() -> None:
    cells = [
        {
            "cell_id": 10 * city + year % 10,
            "source_id": "s__a",
            "indicator": "visitors",
            "spatial_unit": "city_proper",
            "city_id": city,
            "time_period": str(year),
            "freq": "A",
            "point": None,
            "obs_value": 75.0,
            "obs_status": "U",
        }
        for city in (1, 2)
        for year in (2009, 2010, 2011)
    ]
    declared = {"source_id": "s__a", "country_iso2": "AA", "indicator": "visitors"}
    found = models.run(
        "int_implausible__unit",
        {
            "int_cell__distinct": cells,
            "indicator": [INDICATOR],
            "int_city": [
                {"city_id": 1, "country_iso2": "AA"},
                {"city_id": 2, "country_iso2": "BB"},
            ],
            "source_unit": [{**declared, "first_year": 2010, "last_year": 2030}],
        },
    )
    assert {r["cell_id"] for r in found} == {10, 11}


def test_a_compilers_figures_on_one_line_between_two_years_are_no_observations() -> None:
    line = [(7, year, 814_333.0 + 17_717.0 * (year - 2012)) for year in range(2012, 2018)]
    found = rejected("interpolated", line, authority="secondary")
    assert found == {(7, year, "interpolated") for year in range(2013, 2017)}
    growing = [(7, year, 814_333.0 * 1.037 ** (year - 2012)) for year in range(2012, 2018)]
    found = rejected("interpolated", growing, authority="secondary")
    assert found == {(7, year, "interpolated") for year in range(2013, 2017)}


def test_three_years_on_a_line_are_chance_and_a_publishers_own_line_is_published() -> None:
    line = [(7, year, 814_333.0 + 17_717.0 * (year - 2012)) for year in range(2012, 2015)]
    assert rejected("interpolated", line, authority="secondary") == set()
    line = [(7, year, 814_333.0 + 17_717.0 * (year - 2012)) for year in range(2012, 2018)]
    assert rejected("interpolated", line, authority="official") == set()
