"""What sources say of cities in words: who says it, of what time, and in which cell."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.load import code_list
from tests.fixtures import models

CLUBS = "city_networks"


def cell(row: int, label: int, **said: Any) -> dict[str, Any]:
    return {
        "content_id": "c1",
        "row_number": row,
        "column_name": "member",
        "source_id": "club__list",
        "time_period": "2025",
        "network": None,
        "indicator": None,
        "organisation": None,
        "value_text": "x",
        "label_id": label,
        "disposition": "published",
        **said,
    }


CELLS = [
    cell(3, 10, network=CLUBS, organisation="Mayors"),
    cell(2, 11, network=CLUBS, organisation="Mayors "),
    cell(
        4,
        10,
        network=CLUBS,
        organisation="UNESCO Creative Cities: Film",
        source_id="unesco__creative_cities",
        time_period="2024",
    ),
    cell(5, 10, network="climate_commitments", organisation="Alliance", value_text="Half by 2030"),
    cell(6, 10, network="climate_commitments", organisation="Alliance", value_text="None by 2050"),
    cell(
        7,
        10,
        indicator="world_heritage_cultural_sites",
        value_text="91",
        time_period="undated",
        column_name="id_no",
    ),
    # None of these says anything.
    cell(8, 10, network=CLUBS, organisation="Twice", disposition="duplicate"),
    cell(9, 12, network=CLUBS, organisation="Of no city"),
    cell(10, 10, network="air_routes", organisation="Airline"),
    cell(11, 10, indicator="population", value_text="5"),
]
TABLES: dict[str, Any] = {
    "statement": code_list("statement"),
    "fct_source_cell": CELLS,
    "dim_label": [
        {"label_id": 10, "city_id": 1},
        {"label_id": 11, "city_id": 1},
        {"label_id": 12, "city_id": None},
    ],
    "dim_content": [{"content_id": "g1", "source_id": "geonames__cities"}],
    "dim_city": [
        {"city_id": n, "content_id": "g1", "row_number": n, "country_iso2": "FR", "admin1": "11"}
        for n in (1, 2, 3)
    ],
    "place": [
        {"content_id": "g1", "row_number": 1, "feature_code": "PPLC"},
        {"content_id": "g1", "row_number": 2, "feature_code": "PPLA"},
        {"content_id": "g1", "row_number": 3, "feature_code": "PPLA2"},
    ],
}


@pytest.fixture(scope="module")
def statements() -> list[dict[str, Any]]:
    return models.run("fct_city_statement", TABLES)


def test_each_declared_kind_of_cell_makes_its_statement(statements: list[dict[str, Any]]) -> None:
    found = {(s["city_id"], s["statement"], s["value"], s["time_period"]) for s in statements}
    assert found == {
        (1, "capital", "FR", "undated"),
        (1, "city_network_member", "Mayors", "2025"),
        (1, "creative_city", "Film", "2024"),
        (1, "climate_commitment", "Half by 2030", "2025"),
        (1, "climate_commitment", "None by 2050", "2025"),
        (1, "world_heritage_site", "91", "undated"),
        (2, "seat_of_first_order", "FR.11", "undated"),
    }
    assert len(statements) == len(found)


def test_a_statement_leads_to_the_first_cell_that_makes_it(
    statements: list[dict[str, Any]],
) -> None:
    of = {s["value"]: s for s in statements}
    trace = ("source_id", "content_id", "row_number", "column_name", "year")
    assert [of["Mayors"][c] for c in trace] == ["club__list", "c1", 2, "member", 2025]
    assert [of["91"][c] for c in trace] == ["club__list", "c1", 7, "id_no", None]
    assert [of["FR"][c] for c in trace] == ["geonames__cities", "g1", 1, None, None]


def test_a_kind_of_statement_that_is_taken_out_is_said_by_its_source_no_longer() -> None:
    """What a source says is declared: without the line of one source, that of all sources holds."""
    all_ = code_list("statement")
    without = all_.filter([c != "creative_city" for c in all_["statement"].to_pylist()])
    found = models.run("fct_city_statement", {**TABLES, "statement": without})
    clubs = {s["value"] for s in found if s["statement"] == "city_network_member"}
    assert clubs == {"Mayors", "UNESCO Creative Cities: Film"}
