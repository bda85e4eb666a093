"""A city's figure comes from one source; another one carries it on only where both agree."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tests.fixtures.models import run

Fact = tuple[str, int, float, str]

_SOURCES = [
    {"source_id": source, "source_rank": rank, "edition": "1"}
    for source, rank in (("un", 10), ("office", 20), ("other", 30), ("late", 40))
]
_NO_BREAK = pa.schema(
    [(n, pa.string()) for n in ("source_id", "indicator", "spatial_unit", "time_period")]
    + [("city_id", pa.int64()), ("break_kind", pa.string())]
).empty_table()


def judged(
    *facts: Fact, breaks: pa.Table = _NO_BREAK, gazetteer: int | None = None
) -> dict[tuple[str, int], Any]:
    """(source, year) → (is preferred, reason, break) of one city's facts."""
    series = {"city_id": 1, "indicator": "population", "spatial_unit": "city_proper"}
    rows = [
        {
            **series,
            "source_id": source,
            "year": year,
            "time_period": str(year),
            "period_kind": "year",
            "obs_value": value,
            "obs_status": status,
            "observation_key": key,
        }
        for key, (source, year, value, status) in enumerate(facts, 1)
    ]
    tables = {
        "int_fact": rows,
        "source": _SOURCES,
        "indicator": [
            {
                "indicator": "population",
                "max_step": 5.0,
                "value_kind": "stock",
                "unit_measure": "persons",
                "gazetteer_comparable": True,
                "population_hint": False,
            }
        ],
        "int_series_break": breaks,
        "int_city": pa.table(
            {"city_id": [1], "gazetteer_population": pa.array([gazetteer], pa.int64())}
        ),
    }
    chosen = {
        row["observation_key"]: (row["is_preferred"], row["preferred_reason"])
        for row in run("int_fact__preferred", tables)
    }
    broken = {row["observation_key"]: row["break_before"] for row in run("int_fact__break", tables)}
    return {
        (row["source_id"], row["year"]): (
            *chosen.get(row["observation_key"], (True, None)),
            broken.get(row["observation_key"]),
        )
        for row in rows
    }


def years(source: str, values: dict[int, float], status: str = "A") -> list[Fact]:
    return [(source, year, value, status) for year, value in values.items()]


def preferred(found: dict[tuple[str, int], Any]) -> list[tuple[str, int]]:
    return sorted((key for key, (is_preferred, *_) in found.items() if is_preferred), key=str)


def test_a_series_does_not_hop_to_another_source_between_its_years() -> None:
    """The worse placed source states the year between with another boundary."""
    un = years("un", {2000: 1000.0, 2005: 1100.0, 2010: 1200.0})
    found = judged(*un, *years("office", {2003: 200.0, 2004: 210.0}))
    assert preferred(found) == [("un", 2000), ("un", 2005), ("un", 2010)]
    assert "un comes first" in found["office", 2003][1]


def test_a_year_between_two_is_not_filled_even_by_a_source_that_agrees() -> None:
    un = years("un", {2000: 1000.0, 2005: 1100.0, 2010: 1200.0})
    found = judged(*un, *years("office", {2005: 1101.0, 2007: 1130.0}))
    assert not found["office", 2007][0]


def test_a_source_that_agrees_carries_the_series_on() -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    found = judged(*office, *years("other", {2002: 103.0, 2003: 104.0, 1999: 99.0}))
    assert preferred(found) == sorted(
        [("office", 2000), ("office", 2001), ("office", 2002), ("other", 1999), ("other", 2003)],
        key=str,
    )
    assert found["other", 2003][1] == "carries office on after its span: both agree"
    assert found["other", 2003][2] == "source"
    assert found["office", 2000][2] == "source"
    assert found["office", 2001][2] is None


def test_a_source_that_disagrees_in_a_common_year_does_not() -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    found = judged(*office, *years("other", {2001: 130.0, 2002: 103.0, 2003: 104.0}))
    assert preferred(found) == [("office", 2000), ("office", 2001), ("office", 2002)]


def test_without_common_years_the_step_across_the_seam_decides() -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    near = judged(*office, *years("other", {2003: 104.0}))
    assert near["other", 2003][0]
    far = judged(*office, *years("other", {2003: 140.0}))
    assert not far["other", 2003][0]
    late = judged(*office, *years("other", {2020: 104.0}))
    assert not late["other", 2020][0]


def test_the_better_placed_of_two_sources_carries_on() -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    others = years("late", {2003: 103.0, 2004: 104.0}) + years("other", {2003: 103.5, 2004: 104.5})
    found = judged(*office, *others)
    assert found["other", 2003][0]
    assert found["other", 2004][0]
    assert not found["late", 2003][0]
    assert not found["late", 2004][0]


def test_a_few_years_of_a_good_source_do_not_displace_a_long_series() -> None:
    long = years("other", {year: 500.0 + year for year in range(2000, 2012)})
    found = judged(*years("office", {1995: 900.0}), *long)
    assert preferred(found) == sorted((("other", y) for y in range(2000, 2012)), key=str)
    assert found["office", 1995][1] == "few years beside other"


def test_a_count_comes_before_a_forecast_of_the_same_year() -> None:
    un = years("un", {2010: 100.0, 2015: 105.0}) + years("un", {2020: 110.0, 2025: 115.0}, "F")
    found = judged(*un, *years("office", {2015: 104.0, 2020: 108.0}))
    assert preferred(found) == sorted(
        [("un", 2010), ("un", 2015), ("office", 2020), ("un", 2025)], key=str
    )
    assert found["un", 2020][1] == "forecast of a year that another source has counted"


def test_a_step_that_nothing_explains_is_marked() -> None:
    found = judged(*years("office", {2000: 100.0, 2001: 600.0, 2002: 610.0}))
    assert [found["office", year][2] for year in (2000, 2001, 2002)] == [None, "unexplained", None]


def test_people_that_grow_by_half_in_a_year_are_marked_and_a_boom_town_is_not() -> None:
    found = judged(*years("office", {2000: 100.0, 2001: 160.0, 2010: 330.0}))
    assert found["office", 2001][2] == "unexplained"
    assert found["office", 2010][2] is None


def test_a_break_that_the_publisher_states_is_one_of_definition() -> None:
    found = judged(
        ("office", 2000, 100.0, "A"), ("office", 2001, 102.0, "B"), ("office", 2002, 99.0, "D")
    )
    assert [found["office", year][2] for year in (2000, 2001, 2002)] == [
        None,
        "definition",
        "definition",
    ]


def broken_in(source: str, *at: int) -> pa.Table:
    """The series of a source with a boundary break before each year of `at`."""
    series = {"indicator": "population", "spatial_unit": "city_proper", "city_id": 1}
    return pa.Table.from_pylist(
        [
            {**series, "source_id": source, "time_period": str(year), "break_kind": "boundary"}
            for year in at
        ]
    )


def test_a_break_that_a_rule_found_says_its_kind() -> None:
    found = judged(*years("office", {2000: 100.0, 2001: 180.0}), breaks=broken_in("office", 2001))
    assert found["office", 2001][2] == "boundary"


def test_a_tail_of_another_area_is_not_preferred() -> None:
    """A county's figure at the end of a city's series: the source that knows better goes on."""
    found = judged(
        *years("un", {2009: 1540.0, 2010: 1550.0, 2011: 1560.0, 2012: 4259.0}),
        *years("office", {2011: 1600.0, 2012: 1610.0, 2013: 1620.0}),
        breaks=broken_in("un", 2012),
        gazetteer=1519,
    )
    assert preferred(found) == sorted(
        [("un", 2009), ("un", 2010), ("un", 2011), ("office", 2012), ("office", 2013)], key=str
    )
    assert "another area" in found["un", 2012][1]


def test_a_middle_of_another_area_does_not_end_the_preferred_series() -> None:
    """Of one year with the city and many with its centre, the year is left to carry on."""
    un = years("un", {2000: 9640.0, 2001: 1360.0, 2005: 1450.0, 2009: 1550.0, 2011: 1770.0})
    office = years("office", {2009: 10690.0, 2010: 10900.0, 2011: 11370.0, 2012: 11590.0})
    broken = broken_in("un", 2001)
    found = judged(*un, *office, breaks=broken, gazetteer=10190)
    assert preferred(found) == sorted(
        [("un", 2000), *(("office", year) for year in range(2009, 2013))], key=str
    )
    # Where the gazetteer has the centre as well, the centre is what the city is.
    centre = judged(*un, *office, breaks=broken, gazetteer=1600)
    assert [key for key in preferred(centre) if key[0] == "office"] == []


def test_a_forecast_contradicts_nothing() -> None:
    found = judged(
        *years("un", {2009: 1540.0, 2010: 1550.0, 2011: 1560.0, 2012: 4259.0}),
        *years("office", {2012: 1610.0, 2013: 1620.0}, "F"),
        breaks=broken_in("un", 2012),
        gazetteer=1519,
    )
    assert found["un", 2012][0]


def test_a_part_that_no_common_year_contradicts_stays() -> None:
    un = years("un", {2000: 1000.0, 2001: 1010.0, 2002: 1800.0, 2003: 1810.0})
    apart = judged(
        *un, *years("office", {2000: 990.0}), breaks=broken_in("un", 2002), gazetteer=1000
    )
    assert [key for key in preferred(apart) if key[0] == "un"] == [
        ("un", year) for year in range(2000, 2004)
    ]


def test_a_city_whose_only_other_source_is_of_another_area_keeps_the_one_that_is_not() -> None:
    un = years("un", {2000: 5000.0, 2001: 5010.0})
    office = years("office", {2000: 1000.0, 2001: 1010.0})
    found = judged(*un, *office, breaks=broken_in("un", 2000), gazetteer=1000)
    assert preferred(found) == [("office", 2000), ("office", 2001)]


def test_a_status_says_what_a_figure_is_worth() -> None:
    columns = ("cell_id", "indicator", "time_period", "obs_value", "obs_status")
    cells = [
        (1, "population", "2000", 100.5, "A"),
        (2, "population", "2001", 100.99999999999, "A"),
        (3, "population", "2002", 101.5, "P"),
        (4, "share", "2000", 12.5, "A"),
        (5, "share", "2001", 50.0, "A"),
        (6, "share", "2002", 50.0, "B"),
    ]
    fixed = {"source_id": "office", "city_id": 1, "spatial_unit": "city_proper"}
    passed = [
        {**fixed, **(row := dict(zip(columns, c, strict=True))), "fact_period": row["time_period"]}
        for c in cells
    ]
    kept = {"derived_from": "", "aggregation": "none", "min_periods": 1}
    declared = [
        {**kept, "indicator": "population", "unit_measure": "persons"},
        {**kept, "indicator": "share", "unit_measure": "percent"},
    ]
    for row in declared:
        row["derived_from"] = row["indicator"]
    given = {"int_observation__passed": passed, "indicator": declared}
    # Of a country that steps, undecidedly, as a whole.
    doubtful = [{"cell_id": 5}, {"cell_id": 6}]
    nothing = pa.schema([("cell_id", pa.int64())]).empty_table()
    given |= {"int_cell__doubtful": doubtful, "int_cell__interpolated": nothing}
    found = run("int_fact__cell", given)
    statuses = {row["cell_id"]: row["obs_status"] for row in found}
    assert statuses == {1: "E", 2: "A", 3: "P", 4: "A", 5: "U", 6: "B"}
