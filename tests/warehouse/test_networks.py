"""Networks in the warehouse: nodes, interlocks, and what a network as a whole is like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from analysis.networks.backbone import backbone_all
from analysis.networks.chances import chances_all
from analysis.networks.measures import measure_all
from analysis.networks.pairs import interlocks_all
from tests.fixtures import models

# Offices of two firms in three cities, worked by hand: interlocks of 16, 4 and 6.
OFFICES = {"a": (5, 2), "b": (2, 3), "c": (0, 2)}
PRESENCE = [
    {
        "network": "firms",
        "time_period": "2015",
        "node": node,
        "organisation": firm,
        "service_value": float(value),
    }
    for node, values in OFFICES.items()
    for firm, value in zip(("one", "two"), values, strict=True)
    if value
]


def interlocks(presence: list[dict[str, Any]]) -> dict[str, tuple[float, float]]:
    found = models.run("int_network__interlock", {"int_network__presence": presence})
    return {row["node"]: (row["gnc"], row["newman"]) for row in found}


def test_the_worked_example_of_the_interlocking_model() -> None:
    found = interlocks(PRESENCE)
    assert {node: gnc for node, (gnc, _) in found.items()} == {"a": 20, "b": 22, "c": 10}
    # The first firm ties each to one other, the second to two.
    assert found["a"][1] == 5 * 2 / 1 + 2 * 5 / 2
    # The sum of all is that of the squares of the firms less those of their offices.
    assert sum(gnc for gnc, _ in found.values()) == (7**2 - 29) + (7**2 - 17)


def test_memberships_count_one_each_and_a_lone_organisation_ties_nobody() -> None:
    members = [{**row, "service_value": 1.0} for row in PRESENCE]
    lone = {**members[0], "node": "d", "organisation": "three"}
    found = interlocks([*members, lone])
    assert {node: gnc for node, (gnc, _) in found.items()} == {"a": 3, "b": 3, "c": 2, "d": 0}
    assert found["d"] == (0, 0)


DECLARED: dict[str, Any] = {
    "directed": False,
    "kind": "link",
    "comparable": True,
    "floor": None,
    "scope": "all",
    "caveat": "few",
}
AIRPORT = {"network": "air", "code_scheme": "iata"}
NODES = [
    {**AIRPORT, "node_id": "NRT", "label": "Narita", "city_id": 1},
    {**AIRPORT, "node_id": "HND", "label": "Haneda", "city_id": 1},
    {**AIRPORT, "node_id": "IST", "label": "Atatürk", "city_id": 2},
    {**AIRPORT, "node_id": "XXX", "label": "Nowhere", "city_id": None},
]


def flight(origin: str, destination: str, *airlines: str) -> dict[str, Any]:
    return {
        "network": "air",
        "airlines": airlines,
        "time_period": "2014",
        "origin_node": origin,
        "destination_node": destination,
        "weight": float(len(airlines)),
    }


def linked(flights: list[dict[str, Any]]) -> dict[str, Any]:
    """Links, and the cells that they were counted from."""
    numbered = [{**row, "edge_key": key} for key, row in enumerate(flights)]
    cells = [
        {"edge_key": row["edge_key"], "point": airline, "disposition": None, "kind": "link"}
        for row in numbered
        for airline in row.pop("airlines")
    ]
    return {"fct_city_link": numbered, "int_edge__cell": cells}


@pytest.fixture(scope="module")
def given() -> dict[str, Any]:
    flights = [
        flight("NRT", "IST", "JL", "TK"),
        flight("HND", "IST", "TK"),
        flight("IST", "NRT", "JL", "TK"),
        flight("NRT", "HND", "JL", "NH", "TK", "CX"),
        flight("IST", "XXX", "TK"),
    ]
    office = {"network": "firms", "time_period": "2015", "node_id": "m", "organisation": "one"}
    handed: dict[str, Any] = {
        **linked(flights),
        "fct_city_affiliation": [{**office, "service_value": 3.0}],
        "dim_network_node": [
            *NODES,
            {"network": "firms", "code_scheme": "", "node_id": "m", "label": "M", "city_id": 2},
        ],
        "dim_network": [
            {**DECLARED, "network": "air", "directed": True, "caveat": "old"},
            {**DECLARED, "network": "firms", "kind": "affiliation", "floor": 1.0},
        ],
        "dim_city": [
            {"city_id": 1, "name": "Tokyo", "country_iso2": "JP"},
            {"city_id": 2, "name": "Istanbul", "country_iso2": "TR"},
        ],
    }
    presence = models.arrow("int_network__presence", handed)
    handed |= {
        "int_network__presence": presence,
        "int_network__pair": interlocks_all(presence),
        "int_network__chance": chances_all(presence),
    }
    tables = {
        name: models.arrow(name, handed) for name in ("int_network__node", "int_network__tie")
    }
    measured = measure_all(tables["int_network__node"], tables["int_network__tie"])
    return {**handed, **tables, "int_network__measure": measured}


def test_airports_of_one_city_are_one_node_and_an_unknown_place_stays(given: Any) -> None:
    found = {
        (row["network"], row["node"]): row for row in models.run("mart_node_connectivity", given)
    }
    assert set(found) == {
        ("air", "city:1"),
        ("air", "city:2"),
        ("air", "iata:XXX"),
        ("firms", "city:2"),
    }
    tokyo = found["air", "city:1"]
    # Flights within the city are none; an airline at both airports is one, there and back.
    assert (tokyo["n_places"], tokyo["degree"], tokyo["strength"]) == (2, 1, 4.0)
    assert (found["air", "city:2"]["rank"], tokyo["rank"]) == (1, 2)
    assert tokyo["gnc"] is None
    alone = found["firms", "city:2"]
    assert (alone["gnc"], alone["gnc_share"], alone["degree"]) == (0, None, 0)


def test_the_view_of_cities_has_those_that_are_known(given: Any) -> None:
    found = models.run("mart_city_connectivity", given)
    assert [(r["network"], r["city"]) for r in found] == [
        ("air", "Istanbul"),
        ("air", "Tokyo"),
        ("firms", "Istanbul"),
    ]


def test_a_network_says_how_much_of_it_leads_to_cities(given: Any) -> None:
    (air, firms) = models.run("mart_network", given)
    assert (air["n_nodes"], air["n_cities"], air["n_ties"]) == (3, 2, 2)
    assert (air["share_of_ties"], air["density"]) == (0.5, pytest.approx(2 / 3))
    # A path of three: two pairs at one step, one at two.
    assert air["mean_path"] == pytest.approx(4 / 3)
    assert air["assortativity"] == pytest.approx(-1.0)
    assert air["caveat"] == "old"
    assert (firms["n_ties"], firms["density"], firms["share_of_ties"]) == (0, None, None)


@pytest.fixture(scope="module")
def editions(given: Any) -> dict[str, Any]:
    """Flights of two years: Istanbul loses nowhere and wins Ankara; a list of other firms."""
    flights = [
        flight("NRT", "IST", "JL", "TK"),
        flight("IST", "XXX", "TK"),
    ]
    later = [
        flight("NRT", "IST", "TK"),
        flight("IST", "ESB", "TK"),
        flight("ESB", "IST", "TK", "PC", "AJ"),
    ]
    office = {"network": "firms", "organisation": "one", "service_value": 3.0}
    handed: dict[str, Any] = {
        "dim_network": [
            {**DECLARED, "network": "air", "directed": True},
            {
                **DECLARED,
                "network": "firms",
                "kind": "affiliation",
                "comparable": False,
                "floor": 1.0,
            },
        ],
        "dim_city": [*given["dim_city"], {"city_id": 3, "name": "Ankara", "country_iso2": "TR"}],
        "dim_network_node": [
            *given["dim_network_node"],
            {**AIRPORT, "node_id": "ESB", "label": "Esenboğa", "city_id": 3},
        ],
        **linked([*flights, *({**row, "time_period": "2019"} for row in later)]),
        "fct_city_affiliation": [
            {**office, "time_period": year, "node_id": "m"} for year in ("2015", "2019")
        ],
    }
    presence = models.arrow("int_network__presence", handed)
    handed |= {
        "int_network__presence": presence,
        "int_network__pair": interlocks_all(presence),
        "int_network__chance": chances_all(presence),
    }
    handed |= {n: models.arrow(n, handed) for n in ("int_network__node", "int_network__tie")}
    measured = measure_all(handed["int_network__node"], handed["int_network__tie"])
    return {**handed, "int_network__measure": measured}


def test_an_edition_says_what_it_gained_and_lost(editions: Any) -> None:
    (change,) = models.run("mart_network_change", editions)
    assert (change["network"], change["previous_period"], change["time_period"]) == (
        *("air", "2014"),
        "2019",
    )
    gained_and_lost = ("n_nodes_gained", "n_nodes_lost", "n_ties_gained", "n_ties_lost")
    assert [change[name] for name in gained_and_lost] == [1, 1, 1, 1]
    assert (change["n_ties_before"], change["n_ties"]) == (2, 2)


def test_a_city_says_which_rank_it_had_where_editions_compare(editions: Any) -> None:
    found = {
        (row["network"], row["time_period"], row["city"]): (
            *(row["previous_period"], row["rank_before"]),
            *(row["ties_gained"], row["ties_lost"]),
        )
        for row in models.run("mart_city_connectivity", editions)
    }
    assert found["air", "2019", "Istanbul"] == ("2014", 1, 1, 1)
    assert found["air", "2019", "Tokyo"] == ("2014", 2, 0, 0)
    assert found["air", "2019", "Ankara"] == ("2014", None, 1, 0)
    assert found["air", "2014", "Tokyo"] == (None, None, None, None)
    # Another list is no later edition.
    assert found["firms", "2019", "Istanbul"] == (None, None, None, None)


def test_a_pair_below_the_declared_floor_is_no_tie() -> None:
    """Interlocks of 16, 4 and 6: a floor of 6 keeps two."""
    rows = [{**row, "floor": 6.0} for row in PRESENCE]
    table = pa.Table.from_pylist(rows)
    found = {
        (r["origin"], r["destination"]): r["interlock"] for r in interlocks_all(table).to_pylist()
    }
    assert found == {("a", "b"): 16.0, ("b", "c"): 6.0}
    assert backbone_all(table).num_rows == 2


def test_a_hinterworld_is_what_the_connectivity_of_others_does_not_explain() -> None:
    """Against a regression by least squares, of pairs with nothing in common as well."""
    chosen = np.random.default_rng(3)
    values = chosen.integers(1, 6, (9, 12)) * (chosen.random((9, 12)) < 0.35)
    values[0] = 1
    rows, columns = np.nonzero(values)
    presence = pa.table(
        {
            "network": ["firms"] * len(rows),
            "time_period": ["2015"] * len(rows),
            "node": [f"n{row}" for row in rows],
            "organisation": [f"o{column}" for column in columns],
            "service_value": values[rows, columns].astype(float),
            "floor": [1.0] * len(rows),
        }
    )
    made = models.run(
        "int_network__hinterworld",
        {"int_network__presence": presence, "int_network__pair": interlocks_all(presence)},
    )
    found = {(int(r["node"][1:]), int(r["partner"][1:])): r["residual"] for r in made}
    shared = (values @ values.T).astype(float)
    np.fill_diagonal(shared, 0)
    assert (shared[np.triu_indices(9, 1)] == 0).any()
    gnc = shared.sum(axis=1)
    for node in range(9):
        others = np.arange(9) != node
        x, y = np.c_[np.ones(8), gnc[others]], shared[node, others]
        hat = x @ np.linalg.inv(x.T @ x) @ x.T
        left = y - hat @ y
        residuals = left / np.sqrt((left @ left) / 6 * (1 - np.diag(hat)))
        for partner, residual in zip(np.flatnonzero(others), residuals, strict=True):
            if shared[node, partner]:
                assert found[node, partner] == pytest.approx(residual, abs=1e-9)
    assert len(found) == (shared > 0).sum()


def test_where_all_others_are_alike_there_is_no_hinterworld() -> None:
    members = [
        {**row, "node": node, "service_value": 1.0, "floor": 1.0}
        for row in PRESENCE[:1]
        for node in "abcde"
    ]
    handed = {
        "int_network__presence": members,
        "int_network__pair": interlocks_all(pa.Table.from_pylist(members)),
    }
    assert models.run("int_network__hinterworld", handed) == []
