"""Which figures an index takes from the warehouse, and what two cities' figures have in common."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from analysis.indices.each import change_all, rank_all, score_all
from catalog import load
from catalog.load import Concepts, read_concepts
from catalog.tables import index_node_table, index_table
from core.errors import DeclarationError
from tests.fixtures import models
from tests.fixtures.indices import index_of, leaf, part

DECLARED = index_of(
    {
        "air": part(no2=leaf(50, 0)),
        "ties": part(routes=leaf(0, 10, indicator="air.degree")),
        "waste": part(waste_share=leaf(2, 0, indicator="waste", per="people")),
    },
    spatial_units=["city_proper"],
    years=[2012, 2014],
    year_lag=1,
    cities={"min_population": 1000},
    coverage={"index": 1, "part": 1},
)
CONCEPTS = Concepts({}, {}, {"idx": DECLARED}, {})
TABLES: dict[str, Any] = {
    "index": index_table(CONCEPTS),
    "index_node": index_node_table(CONCEPTS),
    "dim_city": [
        {"city_id": 1, "country_iso2": "AT", "gazetteer_population": 5000},
        {"city_id": 2, "country_iso2": "DE", "gazetteer_population": 5000},
        {"city_id": 3, "country_iso2": "DE", "gazetteer_population": 10},
    ],
    "mart_city_connectivity": [
        {
            "network": "air",
            "year": 2014,
            "city_id": city_id,
            "degree": 4 * city_id,
            **dict.fromkeys(
                ("strength", "closeness", "betweenness", "pagerank", "clustering", "gnc", "newman"),
                1.0,
            ),
        }
        for city_id in (1, 2, 3)
    ],
}


def fact(city_id: int, indicator: str, year: int, value: float, **said: Any) -> dict[str, Any]:
    return {
        "city_id": city_id,
        "indicator": indicator,
        "spatial_unit": "city_proper",
        "year": year,
        "time_period": str(year),
        "obs_value": value,
        "source_id": "s__t",
        "obs_status": "A",
        "is_preferred": True,
        "observation_key": year * 10 + city_id,
        **said,
    }


FACTS = [
    fact(1, "no2", 2012, 40.0),
    fact(1, "no2", 2013, 30.0),
    fact(1, "no2", 2014, 25.0, spatial_unit="metro"),
    fact(1, "no2", 2014, 20.0, obs_status="F"),
    fact(1, "no2", 2014, 10.0, is_preferred=False),
    fact(1, "no2", 2014, 15.0, obs_status="D"),
    fact(1, "waste", 2014, 500.0),
    fact(1, "people", 2014, 500.0),
    fact(2, "no2", 2014, 5.0),
    fact(3, "no2", 2014, 5.0),
]


def values(facts: list[dict[str, Any]] = FACTS) -> pa.Table:
    return models.arrow("int_index__value", {**TABLES, "fct_observation": facts})


def of(table: pa.Table, **wanted: Any) -> list[dict[str, Any]]:
    return [row for row in table.to_pylist() if all(row[k] == v for k, v in wanted.items())]


def test_the_latest_figure_in_time_counts_but_no_forecast_and_no_other_definition() -> None:
    (taken,) = of(values(), year=2014, city_id=1, indicator="no2")
    assert (taken["value"], taken["value_year"], taken["spatial_unit"]) == (30, 2013, "city_proper")
    (before,) = of(values(), year=2012, city_id=1, indicator="no2")
    assert before["value"] == 40


def test_the_preferred_boundary_comes_before_the_later_year() -> None:
    preferring = index_of(
        {"no2": leaf(50, 0)},
        spatial_units=["city_proper", "metro"],
        years=[2014],
        year_lag=1,
    )
    concepts = Concepts({}, {}, {"idx": preferring}, {})
    tables = {**TABLES, "index": index_table(concepts), "index_node": index_node_table(concepts)}
    made = models.arrow("int_index__value", {**tables, "fct_observation": FACTS})
    assert of(made, city_id=1)[0]["value_year"] == 2013
    only_metro = [f for f in FACTS if f["spatial_unit"] == "metro"]
    made = models.arrow("int_index__value", {**tables, "fct_observation": only_metro})
    assert of(made, city_id=1)[0]["spatial_unit"] == "metro"


def test_a_measure_of_a_network_is_a_value_and_small_places_are_left_out() -> None:
    taken = of(values(), indicator="air.degree")
    assert [(row["city_id"], row["value"], row["source_id"]) for row in taken] == [
        (1, 4.0, None),
        (2, 8.0, None),
    ]


def test_a_city_that_lacks_too_much_has_a_reason_and_neither_rank_nor_score() -> None:
    ranked = rank_all(TABLES["index"], values())
    one, two = of(ranked, year=2014)
    assert (one["rank"], one["rankable"], one["reason"]) == (1, True, None)
    assert (two["rank"], two["score"], two["rankable"]) == (None, None, False)
    assert "0% of waste has values" in two["reason"]
    scored = score_all(TABLES["index"], values())
    assert {row["city_id"] for row in scored.to_pylist()} == {1}
    # 30 of 50 worst to 0 best; 4 of 10; 1 of 2 worst to 0 best.
    (whole,) = of(scored, year=2014, node="idx")
    assert whole["score"] == pytest.approx((40 + 40 + 50) / 3)


def test_what_counted_before_is_that_of_the_year_before_and_of_the_release_before() -> None:
    previous = [
        {
            "index": "idx",
            "year": 2014,
            "city_id": 1,
            "node": node,
            "indicator": indicator,
            "value": value,
            "value_year": 2013,
            "spatial_unit": unit,
            "per_value": per,
            "per_year": None if per is None else 2013,
        }
        for node, indicator, value, unit, per in [
            ("no2", "no2", 35.0, "city_proper", None),
            ("routes", "air.degree", 4.0, None, None),
            ("waste_share", "waste", 500.0, "city_proper", 500.0),
        ]
    ]
    tables = {**TABLES, "fct_observation": FACTS, "previous_index_score": previous}
    before = models.arrow("int_index__before", tables)
    assert [row["value"] for row in of(before, basis="year", indicator="no2")] == [40.0]
    assert {row["indicator"]: row["value"] for row in of(before, basis="release")} == {
        "no2": 35.0, "air.degree": 4.0, "waste": 500.0, "people": 500.0
    }  # fmt: skip
    (changed,) = of(change_all(TABLES["index"], before, values()), basis="release")
    # 35 became 30 of the same year: ten points of a third of the index.
    assert changed["revision"] == pytest.approx(10 / 3)
    assert changed["change"] == pytest.approx(10 / 3)
    assert changed["own_value"] == pytest.approx(0)


def test_the_declared_indices_are_sound_and_made_of_what_there_is() -> None:
    concepts = read_concepts()
    assert not concepts.broken
    assert len(concepts.indices) >= 4
    for index in concepts.indices.values():
        assert index.normalise == "goalposts", "a score must not move because others join"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("indicator: no_such_thing", "an indicator, or <network>."),
        ("indicator: air_routes.no_such_measure", "an indicator, or <network>."),
        ("per: no_such_thing", "an indicator as `per`"),
        ("goalposts: {worst: 0, best: 50}", "as its indicator says, lower_is_better"),
    ],
)
def test_an_index_of_what_there_is_not_is_broken_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, why: str
) -> None:
    room = shutil.copytree(load.ROOM, tmp_path / "catalog")
    goalposts = "" if said.startswith("goalposts") else "goalposts: {worst: 50, best: 0}, "
    leaf_text = f"{{name: A leaf, {goalposts}{said}}}"
    texts = "\n".join(f"{n}: x" for n in ("name", "question", "audience", "purpose", "limits"))
    (room / "indices" / "odd.yml").write_text(
        f"{texts}\nreading: x\nyears: [2014]\nspatial_units: [city_proper]\n"
        f"parts:\n  no2_annual_mean: {leaf_text}\n",
        encoding="utf-8",
    )
    monkeypatch.setattr(load, "ROOM", room)
    broken = read_concepts().broken
    assert set(broken) == {"indices/odd"}
    assert isinstance(broken["indices/odd"], DeclarationError)
    assert why in str(broken["indices/odd"])
    assert "indices/odd.yml" in broken["indices/odd"].todo or "YAML" in broken["indices/odd"].todo


def _compared(*figures: dict[str, Any]) -> list[dict[str, Any]]:
    indicators = [
        {"indicator": "gdp_eur", "price_base": "current"},
        {"indicator": "gdp_usd", "price_base": "2010"},
        {"indicator": "people", "price_base": None},
    ]
    city = {"theme": "t", "is_preferred": True, "source_id": "s__t"}
    rows = [{"city": f"C{f['city_id']}", **city, **f} for f in figures]
    tables = {"mart_observation": rows, "dim_indicator": indicators}
    return [r for r in models.run("mart_city_comparison", tables) if r["city_id"] == 1]


def figure(city_id: int, year: int | None, value: float, **said: Any) -> dict[str, Any]:
    return {
        "city_id": city_id,
        "concept": "people",
        "indicator": "people",
        "unit_measure": "persons",
        "spatial_unit": "city_proper",
        "year": year,
        "time_period": "undated" if year is None else str(year),
        "obs_value": value,
        "obs_status": "A",
        **said,
    }


def test_of_two_cities_the_figures_that_differ_least_are_compared() -> None:
    (row,) = _compared(
        figure(1, 2010, 5.0),
        figure(1, 2012, 6.0),
        figure(1, 2020, 9.0, spatial_unit="metro"),
        figure(2, 2010, 3.0),
        figure(2, 2020, 4.0),
    )
    assert (row["value"], row["other_value"], row["year"]) == (5, 3, 2010)
    assert row["verdict"] == "comparable"


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (figure(2, 2013, 1.0), "comparable"),
        (figure(2, 2015, 1.0), "year"),
        (figure(2, None, 1.0), "year"),
        (figure(2, 2012, 1.0, spatial_unit="metro"), "boundary"),
        (figure(2, 2016, 1.0, spatial_unit="metro"), "boundary, year"),
        (figure(2, 2012, 1.0, obs_status="D"), "definition"),
    ],
)
def test_what_cannot_be_compared_says_which_of_its_traits_differ(
    other: dict[str, Any], verdict: str
) -> None:
    (row,) = _compared(figure(1, 2012, 6.0), other)
    assert row["verdict"] == verdict


def test_one_concept_in_other_money_is_told_by_unit_and_price_base() -> None:
    money = {"concept": "gdp"}
    (row,) = _compared(
        figure(1, 2012, 6.0, indicator="gdp_eur", unit_measure="EUR", **money),
        figure(2, 2012, 7.0, indicator="gdp_usd", unit_measure="USD", **money),
    )
    assert row["verdict"] == "unit, price base"


def test_undated_figures_of_both_are_comparable() -> None:
    (row,) = _compared(figure(1, None, 6.0), figure(2, None, 7.0))
    assert row["verdict"] == "comparable"


def test_the_same_values_in_another_order_give_the_same_bits() -> None:
    given = values()
    with duckdb.connect() as connection:
        turned = connection.execute("from given order by hash(value)").to_arrow_table()
    assert score_all(TABLES["index"], given) == score_all(TABLES["index"], turned)
    assert rank_all(TABLES["index"], given) == rank_all(TABLES["index"], turned)
