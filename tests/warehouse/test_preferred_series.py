"""A city's figure comes from one source; another one carries it on only where both agree."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.fixtures.models import give, made, make

Fact = tuple[str, int, float, str]


@pytest.fixture()
def db() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    give(
        connection,
        "source",
        "source_id text, source_rank integer, edition text",
        [("un", 10, "1"), ("office", 20, "1"), ("other", 30, "1"), ("late", 40, "1")],
    )
    give(connection, "indicator", "indicator text, max_step double", [("population", 5.0)])
    breaks = "source_id text, indicator text, spatial_unit text, city_id bigint"
    give(connection, "int_series_break", f"{breaks}, time_period text, break_kind text", [])
    return connection


def judged(db: duckdb.DuckDBPyConnection, *facts: Fact) -> dict[tuple[str, int], Any]:
    """(source, year) → (is preferred, reason, break) of one city's facts."""
    columns = (
        "source_id text, year integer, obs_value double, obs_status text, city_id bigint,"
        " indicator text, spatial_unit text, time_period text, period_kind text,"
        " observation_key bigint"
    )
    rows = [
        (*fact, 1, "population", "city_proper", str(fact[1]), "year", key)
        for key, fact in enumerate(facts, 1)
    ]
    give(db, "int_fact", columns, rows)
    for model in (
        "int_series",
        "int_series__extension",
        "int_fact__preferred",
        "int_fact__break",
    ):
        make(db, model)
    found = made(
        db,
        "select source_id, year, coalesce(is_preferred, true), preferred_reason, break_before"
        " from int_fact left join int_fact__preferred using (observation_key)"
        " left join int_fact__break using (observation_key)",
    )
    return {(source, year): tuple(rest) for source, year, *rest in found}


def years(source: str, values: dict[int, float], status: str = "A") -> list[Fact]:
    return [(source, year, value, status) for year, value in values.items()]


def preferred(found: dict[tuple[str, int], Any]) -> list[tuple[str, int]]:
    return sorted((key for key, (is_preferred, *_) in found.items() if is_preferred), key=str)


def test_a_series_does_not_hop_to_another_source_between_its_years(
    db: duckdb.DuckDBPyConnection,
) -> None:
    """The worse placed source states the year between with another boundary."""
    un = years("un", {2000: 1000.0, 2005: 1100.0, 2010: 1200.0})
    found = judged(db, *un, *years("office", {2003: 200.0, 2004: 210.0}))
    assert preferred(found) == [("un", 2000), ("un", 2005), ("un", 2010)]
    assert "un comes first" in found["office", 2003][1]


def test_a_year_between_two_is_not_filled_even_by_a_source_that_agrees(
    db: duckdb.DuckDBPyConnection,
) -> None:
    un = years("un", {2000: 1000.0, 2005: 1100.0, 2010: 1200.0})
    found = judged(db, *un, *years("office", {2005: 1101.0, 2007: 1130.0}))
    assert not found["office", 2007][0]


def test_a_source_that_agrees_carries_the_series_on(db: duckdb.DuckDBPyConnection) -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    found = judged(db, *office, *years("other", {2002: 103.0, 2003: 104.0, 1999: 99.0}))
    assert preferred(found) == sorted(
        [("office", 2000), ("office", 2001), ("office", 2002), ("other", 1999), ("other", 2003)],
        key=str,
    )
    assert found["other", 2003][1] == "carries office on after its span: both agree"
    assert found["other", 2003][2] == "source"
    assert found["office", 2000][2] == "source"
    assert found["office", 2001][2] is None


def test_a_source_that_disagrees_in_a_common_year_does_not(db: duckdb.DuckDBPyConnection) -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    found = judged(db, *office, *years("other", {2001: 130.0, 2002: 103.0, 2003: 104.0}))
    assert preferred(found) == [("office", 2000), ("office", 2001), ("office", 2002)]


def test_without_common_years_the_step_across_the_seam_decides(
    db: duckdb.DuckDBPyConnection,
) -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    near = judged(db, *office, *years("other", {2003: 104.0}))
    assert near["other", 2003][0]
    far = judged(db, *office, *years("other", {2003: 140.0}))
    assert not far["other", 2003][0]
    late = judged(db, *office, *years("other", {2020: 104.0}))
    assert not late["other", 2020][0]


def test_the_better_placed_of_two_sources_carries_on(db: duckdb.DuckDBPyConnection) -> None:
    office = years("office", {2000: 100.0, 2001: 101.0, 2002: 102.0})
    others = years("late", {2003: 103.0, 2004: 104.0}) + years("other", {2003: 103.5})
    found = judged(db, *office, *others)
    assert found["other", 2003][0]
    assert not found["late", 2003][0]
    assert not found["late", 2004][0]


def test_a_few_years_of_a_good_source_do_not_displace_a_long_series(
    db: duckdb.DuckDBPyConnection,
) -> None:
    long = years("other", {year: 500.0 + year for year in range(2000, 2012)})
    found = judged(db, *years("office", {1995: 900.0}), *long)
    assert preferred(found) == sorted((("other", y) for y in range(2000, 2012)), key=str)
    assert found["office", 1995][1] == "few years beside other"


def test_a_count_comes_before_a_forecast_of_the_same_year(db: duckdb.DuckDBPyConnection) -> None:
    un = years("un", {2010: 100.0, 2015: 105.0}) + years("un", {2020: 110.0, 2025: 115.0}, "F")
    found = judged(db, *un, *years("office", {2015: 104.0, 2020: 108.0}))
    assert preferred(found) == sorted(
        [("un", 2010), ("un", 2015), ("office", 2020), ("un", 2025)], key=str
    )
    assert found["un", 2020][1] == "forecast of a year that another source has counted"


def test_a_step_that_nothing_explains_is_marked(db: duckdb.DuckDBPyConnection) -> None:
    found = judged(db, *years("office", {2000: 100.0, 2001: 600.0, 2002: 610.0}))
    assert [found["office", year][2] for year in (2000, 2001, 2002)] == [None, "unexplained", None]


def test_a_break_that_the_publisher_states_is_one_of_definition(
    db: duckdb.DuckDBPyConnection,
) -> None:
    found = judged(
        db, ("office", 2000, 100.0, "A"), ("office", 2001, 102.0, "B"), ("office", 2002, 99.0, "D")
    )
    assert [found["office", year][2] for year in (2000, 2001, 2002)] == [
        None,
        "definition",
        "definition",
    ]


def test_a_break_that_a_rule_found_says_its_kind(db: duckdb.DuckDBPyConnection) -> None:
    db.execute(
        "insert into int_series_break values"
        " ('office', 'population', 'city_proper', 1, '2001', 'boundary')"
    )
    found = judged(db, *years("office", {2000: 100.0, 2001: 180.0}))
    assert found["office", 2001][2] == "boundary"


def test_a_part_of_a_person_was_estimated(db: duckdb.DuckDBPyConnection) -> None:
    cell = "cell_id bigint, source_id text, city_id bigint, indicator text, spatial_unit text"
    rest = "fact_period text, time_period text, obs_value double, obs_status text"
    rows = [
        (1, "office", 1, "population", "city_proper", "2000", "2000", 100.5, "A"),
        (2, "office", 1, "population", "city_proper", "2001", "2001", 100.99999999999, "A"),
        (3, "office", 1, "population", "city_proper", "2002", "2002", 101.5, "P"),
        (4, "office", 1, "share", "city_proper", "2000", "2000", 12.5, "A"),
    ]
    give(db, "int_observation__passed", f"{cell}, {rest}", rows)
    give(
        db,
        "indicator",
        "indicator text, derived_from text, aggregation text, min_periods integer,"
        " unit_measure text",
        [("population", None, "none", 1, "persons"), ("share", None, "none", 1, "percent")],
    )
    make(db, "int_fact__cell")
    found = made(db, "select cell_id, obs_status from int_fact__cell order by 1")
    assert found == [(1, "E"), (2, "A"), (3, "P"), (4, "A")]
