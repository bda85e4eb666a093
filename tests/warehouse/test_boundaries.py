"""Figures of a wider area under the name of a city: what is declared, and what is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest

from tests.fixtures import models

PEOPLE = {
    "indicator": "population",
    "value_kind": "stock",
    "unit_measure": "persons",
    "max_step": 5.0,
    "per_person_min": None,
    "per_person_max": None,
    "gazetteer_comparable": True,
    "population_hint": True,
}


def withheld(
    *figures: tuple[str, str, int, float],
    before: Sequence[tuple[str, str, int, float]] = (),
    code: str = "1",
    changed: str = "",
) -> set[tuple[str, int]]:
    """(source, year) of what is another area's, of a city of a million by the gazetteer.

    `before`: what readers have, of a release of code 1; `changed`: a source with other content.
    """
    sources = {figure[0] for figure in figures}
    contents = [{"source_id": s, "content_id": s, "parse_version": "1"} for s in sources]
    cells = [
        {
            "cell_id": i,
            "source_id": source,
            "indicator": "population",
            "spatial_unit": unit,
            "city_id": 1,
            "time_period": str(year),
            "freq": "A",
            "point": None,
            "obs_value": value,
            "obs_status": "A",
        }
        for i, (source, unit, year, value) in enumerate(figures)
    ]
    found = models.run(
        "int_implausible__boundary",
        {
            "int_cell__distinct": cells,
            "indicator": [PEOPLE],
            "int_city": [{"city_id": 1, "country_iso2": "AA", "gazetteer_population": 1_000_000}],
            "build": [{"code_version": code, "previous_code_version": "1"}],
            "content": contents,
            "previous_content": [
                {**row, "content_id": "other" if row["source_id"] == changed else row["content_id"]}
                for row in contents
            ],
            "previous_figure": [
                {
                    "source_id": source,
                    "indicator": "population",
                    "spatial_unit": unit,
                    "time_period": str(year),
                    "obs_value": value,
                    "city_id": 1,
                }
                for source, unit, year, value in before or [("", "", 0, 0.0)]
            ],
        },
    )
    named = {i: (source, year) for i, (source, _unit, year, _value) in enumerate(figures)}
    return {named[r["cell_id"]] for r in found}


AGGLOMERATION = ("un", "urban_agglomeration", 2015, 3_000_000.0)


def test_more_people_than_the_agglomeration_are_a_countys() -> None:
    assert withheld(AGGLOMERATION, ("a", "city_proper", 2013, 5e6)) == {("a", 2013)}


def test_what_readers_have_holds_against_another_sources_new_edition() -> None:
    """As links do: it falls with its own content, or where a new version of the code judges."""
    figure = ("a", "city_proper", 2013, 5e6)
    assert withheld(AGGLOMERATION, figure, before=[figure], changed="un") == set()
    assert withheld(AGGLOMERATION, figure, before=[figure], changed="a") == {("a", 2013)}
    assert withheld(AGGLOMERATION, figure, before=[figure], code="2") == {("a", 2013)}
    revised = ("a", "city_proper", 2013, 4.9e6)
    assert withheld(AGGLOMERATION, figure, before=[revised]) == {("a", 2013)}


def test_the_agglomerations_people_are_not_the_citys_where_it_has_fewer_itself() -> None:
    own = ("a", "city_proper", 2014, 1.1e6)
    assert withheld(AGGLOMERATION, own, ("a", "city_proper", 2015, 3.1e6)) == {("a", 2015)}


def test_a_city_may_be_all_of_its_agglomeration() -> None:
    assert withheld(AGGLOMERATION, ("a", "city_proper", 2015, 3.1e6)) == set()


def test_two_sources_outweigh_gazetteer_and_agglomeration() -> None:
    two = [("a", "city_proper", 2015, 5e6), ("b", "city_proper", 2014, 4.9e6)]
    assert withheld(AGGLOMERATION, *two) == set()


def test_without_an_agglomeration_nothing_is_known() -> None:
    assert withheld(("a", "city_proper", 2015, 5e6)) == set()


def label(label_id: int, city_id: int, unit: str, country: str = "AA") -> Mapping[str, Any]:
    return {
        "label_id": label_id,
        "city_id": city_id,
        "source_id": "s__a",
        "country_iso2": country,
        "spatial_unit": unit,
        "code_scheme": None,
        "ref_area_code": None,
        "population": None,
    }


def test_a_declared_boundary_holds_for_the_labels_of_its_country() -> None:
    declared = {
        "source_id": "s__a",
        "country_iso2": "AA",
        "spatial_unit": "city_proper",
        "first_year": 1990,
        "last_year": 2014,
        "boundary": "greater_city",
        "from_ratio": None,
    }
    labels = [
        label(1, 1, "city_proper"),
        label(2, 2, "city_proper", "BB"),
        # One with a label of its own for the wider boundary: both stay what they say.
        label(3, 3, "city_proper"),
        label(4, 3, "greater_city"),
    ]
    given = {
        "resolution": labels,
        "int_source__boundary": [declared],
        "int_city": [{"city_id": i, "gazetteer_population": 20_000} for i in (1, 2, 3)],
        "source": [{"source_id": "s__a", "spatial_unit": "city_proper"}],
    }
    found = models.run("int_label__declared_boundary", given)
    assert [(r["label_id"], r["last_year"], r["boundary"]) for r in found] == [
        (1, 2014, "greater_city")
    ]
    # Where that label means another boundary as well, both move.
    moved = {**declared, "spatial_unit": "greater_city", "boundary": "metro"}
    found = models.run(
        "int_label__declared_boundary", {**given, "int_source__boundary": [declared, moved]}
    )
    assert {(r["label_id"], r["boundary"]) for r in found} == {
        (1, "greater_city"),
        (3, "greater_city"),
        (4, "metro"),
    }
    # Or by size: what has the people of the town is the town, in every table that uses its code.
    by_size = {**declared, "from_ratio": 1.25}
    sized = [
        {**label(1, 1, "city_proper"), "population": 67_000},
        {**label(2, 2, "city_proper"), "population": 21_000},
        {**label(5, 3, "city_proper"), "ref_area_code": "C3", "population": 40_000},
        {**label(6, 3, "city_proper"), "ref_area_code": "C3"},
        {**label(7, 3, "greater_city"), "ref_area_code": "K3"},
    ]
    found = models.run(
        "int_label__declared_boundary",
        {**given, "resolution": sized, "int_source__boundary": [by_size]},
    )
    assert {r["label_id"] for r in found} == {1, 5, 6}


def test_a_declared_boundary_may_name_the_tables_of_one_list_of_codes_by_a_pattern() -> None:
    rows = [
        {"source_id": "s__a*", "country_iso2": "AA"},
        {"source_id": "s__[!a]*", "country_iso2": "BB"},
    ]
    sources = [{"source_id": name} for name in ("s__a", "s__ab", "s__b")]
    found = models.run("int_source__boundary", {"source_boundary": rows, "source": sources})
    assert {(r["source_id"], r["country_iso2"]) for r in found} == {
        ("s__a", "AA"),
        ("s__ab", "AA"),
        ("s__b", "BB"),
    }


def test_figures_say_what_a_label_means_where_what_is_declared_has_ended() -> None:
    def span(label_id: int, first: int | None, last: int | None) -> dict[str, object]:
        years = {"first_year": first, "last_year": last}
        return {"label_id": label_id, "source_id": "s__a", **years, "boundary": "city_proper"}

    found = models.run(
        "int_label__boundary",
        {
            "int_label__declared_boundary": [span(1, None, 2014), span(2, 2000, None)],
            "int_label__implied_boundary": [
                span(1, None, None),
                span(2, None, None),
                span(3, 1990, 2000),
            ],
        },
    )
    assert {(r["label_id"], r["first_year"], r["last_year"]) for r in found} == {
        (1, None, 2014),
        (1, 2015, None),
        (2, 2000, None),
        (3, 1990, 2000),
    }


@pytest.mark.parametrize(
    ("first", "last", "moved"),
    [
        (2000, 2010, {"2000", "2010"}),
        (None, 2010, {"1990", "2000", "2010"}),
        (2000, None, {"2000", "2010", "2020"}),
        (None, None, {"1990", "2000", "2010", "2020", "undated"}),
    ],
)
def test_a_declared_boundary_holds_for_its_years_and_beyond_an_open_end(
    first: int | None, last: int | None, moved: set[str]
) -> None:
    periods = ("1990", "2000", "2010", "2020", "undated")
    texts = ("ref_area", "ref_area_code", "country", "filter_reason", "network")
    cells = pa.Table.from_pylist(
        [
            {
                "source_id": "s__a",
                "label_id": 1,
                "indicator": "population",
                "spatial_unit": "city_proper",
                "time_period": period,
                "obs_value": 5.0,
                "is_missing": False,
                "is_confidential": False,
                **dict.fromkeys(texts, ""),
            }
            for period in periods
        ]
    )
    years = pa.table(
        {
            "label_id": [1],
            "source_id": ["s__a"],
            "first_year": pa.array([first], pa.int32()),
            "last_year": pa.array([last], pa.int32()),
            "boundary": ["prefecture"],
        }
    )
    given = {
        "stg_cell": cells,
        "source": [{"source_id": "s__a", "role": "observations", "reference_period": "1900"}],
        "indicator": [
            {"indicator": "population", "valid_min": 0.0, "valid_above": -1.0, "valid_max": 1e9}
        ],
        "resolution": [
            {**label(1, 1, "city_proper"), "outcome": "resolved"},
        ],
        "int_label__boundary": years,
    }
    found = models.run("int_cell__resolved", given)
    assert {r["time_period"] for r in found if r["spatial_unit"] == "prefecture"} == moved


def test_a_city_twice_its_size_among_cities_that_agree_is_a_question() -> None:
    cities = [
        {"city_id": i, "country_iso2": "AA", "gazetteer_population": 100_000} for i in range(6)
    ]
    observed = [
        {
            "cell_id": i,
            "source_id": "a",
            "indicator": "population",
            "spatial_unit": "city_proper",
            "city_id": i,
            "time_period": "2015",
            "obs_value": 195_000.0 if i == 3 else 101_000.0,
        }
        for i in range(6)
    ]
    given = {
        "dim_city": [{"city_id": i, "name": f"City {i}"} for i in range(10)],
        "int_observation": observed,
        "indicator": [PEOPLE],
        "int_city": cities,
    }
    found = models.run("mart_boundary_question", given)
    assert [(r["city_id"], round(r["ratio"], 2)) for r in found] == [(3, 1.95)]
    # Where all are larger, it is the country's boundary and no question of one city.
    larger = [{**o, "obs_value": 195_000.0} for o in observed]
    assert models.run("mart_boundary_question", {**given, "int_observation": larger}) == []


def implied(
    *figures: tuple[int, str, int, float], own: bool = False, lists: str = "Eurostat"
) -> list[tuple[int, int | None, int | None]]:
    """(label, first and last year) that mean the city proper.

    Label 1 is the city proper of a list of inhabitants; 2 has the cars of the same city as greater
    city, 3 has other figures under the same code, 4 is the city proper of another
    list; with `own`, the source of 3 has the city proper, too.
    """
    labels = [
        {**label(1, 7, "city_proper"), "source_id": "un", "code_scheme": None},
        {**label(2, 7, "greater_city"), "source_id": "cars", "code_scheme": "urau"},
        {**label(3, 7, "greater_city"), "source_id": "waste", "code_scheme": "urau"},
    ]
    labels += [{**label(4, 7, "city_proper"), "source_id": "office", "code_scheme": None}]
    labels += [{**label(5, 7, "city_proper"), "source_id": "waste", "code_scheme": "urau"}] * own
    codes = {1: None, 2: "IT018C", 3: "IT018C", 4: None, 5: "IT018X"}
    cells = [
        {
            "source_id": labels[number - 1]["source_id"],
            "label_id": number,
            "indicator": indicator,
            "time_period": str(year),
            "obs_value": value,
            "value_text": f"{value:g}",
            "filter_reason": None,
        }
        for number, indicator, year, value in figures
    ]
    schema = pa.schema(
        [(n, pa.string()) for n in ("source_id", "indicator", "time_period", "filter_reason")]
        + [("value_text", pa.string()), ("label_id", pa.int64()), ("obs_value", pa.float64())]
    )
    found = models.run(
        "int_label__implied_boundary",
        {
            "stg_cell": pa.Table.from_pylist(cells, schema=schema),
            "resolution": [{**r, "ref_area_code": codes[r["label_id"]]} for r in labels],
            "source": [
                {"source_id": s, "spatial_unit": "metro", "publisher": publisher}
                for s, publisher in (
                    ("un", lists),
                    ("cars", "Eurostat"),
                    ("waste", "Eurostat"),
                    ("office", "Another"),
                )
            ],
            "indicator": [
                {"indicator": "population", "gazetteer_comparable": True},
                {"indicator": "cars", "gazetteer_comparable": False},
            ],
            "indicator_relation": [
                {
                    "indicator": "cars_per_1000",
                    "relation": "rate",
                    "other": "cars",
                    "denominator": "population",
                    "factor": "1000",
                }
            ],
            "int_label__declared_boundary": pa.schema([("label_id", pa.int64())]).empty_table(),
        },
    )
    return sorted((r["label_id"], r["first_year"], r["last_year"]) for r in found)


def _inhabitants(people: float, *years: int) -> list[tuple[int, str, int, float]]:
    """Cars of so many inhabitants: half as many, and 500 per 1000."""
    cars = [(2, "cars", year, people / 2) for year in years]
    return [*cars, *((2, "cars_per_1000", year, 500.0) for year in years)]


_PROPER = [(1, "population", year, 121_000.0) for year in range(2010, 2018)]


def test_a_code_whose_rates_imply_the_city_proper_means_it_in_every_table() -> None:
    assert implied(*_PROPER, *_inhabitants(121_500, 2011, 2013, 2015)) == [
        (2, None, None),
        (3, None, None),
    ]
    # Two years may be chance, and another boundary is another boundary.
    assert implied(*_PROPER, *_inhabitants(121_500, 2011, 2013)) == []
    assert implied(*_PROPER, *_inhabitants(180_000, 2011, 2013, 2015)) == []


def test_a_code_that_changes_its_boundary_means_the_city_proper_until_then() -> None:
    early, late = _inhabitants(121_500, 2011, 2012, 2013), _inhabitants(180_000, 2014, 2015, 2024)
    assert implied(*_PROPER, *early, *late) == [(2, None, 2013), (3, None, 2013)]
    before = _inhabitants(180_000, 2008, 2009, 2010)
    assert implied(*_PROPER, *before, *early) == [(2, 2011, None), (3, 2011, None)]
    # To and fro says nothing.
    between = _inhabitants(180_000, 2012, 2014)
    assert implied(*_PROPER, *_inhabitants(121_500, 2011, 2013, 2015), *between) == []


def test_a_rate_of_few_digits_says_nothing_of_a_boundary() -> None:
    """Half a million cars at "1" are of 330,000 to a million inhabitants."""
    proper = _inhabitants(121_500, 2011, 2012, 2013)
    coarse = [(2, "cars", year, 150.0) for year in (2014, 2015)]
    coarse += [(2, "cars_per_1000", year, 1.0) for year in (2014, 2015)]
    assert implied(*_PROPER, *proper, *coarse) == [(2, None, None), (3, None, None)]
    alone = [(2, "cars", year, 121.0) for year in range(2010, 2018)]
    alone += [(2, "cars_per_1000", year, 1.0) for year in range(2010, 2018)]
    assert implied(*_PROPER, *alone) == []


def test_fewer_inhabitants_or_one_year_alone_are_no_wider_boundary() -> None:
    proper = _inhabitants(121_500, 2011, 2012, 2013)
    for others in (_inhabitants(90_000, 2014, 2015), _inhabitants(180_000, 2015)):
        assert implied(*_PROPER, *proper, *others) == [(2, None, None), (3, None, None)]


def test_where_sources_mean_different_areas_by_the_city_proper_it_is_no_measure() -> None:
    """One source has the region as the city, another one its innermost commune."""
    other = [(4, "population", year, 40_000.0) for year in range(2010, 2013)]
    assert implied(*_PROPER, *other, *_inhabitants(121_500, 2011, 2013, 2015)) == []


def test_what_another_publisher_calls_the_city_proper_moves_no_label() -> None:
    """Else a new edition of a list of cities would withdraw figures of other sources."""
    figures = [*_PROPER, *_inhabitants(121_500, 2011, 2013, 2015)]
    assert implied(*figures, lists="UNSD") == []


def test_a_label_beside_one_for_the_city_proper_stays_what_it_says() -> None:
    figures = [*_PROPER, *_inhabitants(121_500, 2011, 2013, 2015)]
    assert implied(*figures, own=True) == [(2, None, None)]


def test_two_delimitations_of_one_boundary_have_a_seam_between_them() -> None:
    """The communauté until 2014, the union of communes from 2015: a step of any size is one."""
    declared = {"source_id": "s__a", "country_iso2": "AA", "boundary": "greater_city"}
    cells = [
        {
            "cell_id": i,
            "source_id": "s__a",
            "indicator": "people",
            "spatial_unit": "greater_city",
            "city_id": city,
            "time_period": str(year),
            "point": None,
        }
        for i, (city, year) in enumerate([(1, 2013), (1, 2014), (1, 2016), (1, 2017), (2, 2016)])
    ]
    found = models.run(
        "int_series__seam",
        {
            "int_observation": cells,
            "indicator": [
                {"indicator": "people", "value_kind": "stock", "unit_measure": "persons"}
            ],
            "int_city": [
                {"city_id": 1, "country_iso2": "AA"},
                {"city_id": 2, "country_iso2": "BB"},
            ],
            "int_source__boundary": [
                {**declared, "first_year": 1989, "last_year": 2014},
                {**declared, "first_year": 2015, "last_year": 2030},
            ],
        },
    )
    assert [(r["city_id"], r["time_period"]) for r in found] == [(1, "2016")]
