"""The models of cities, on small tables: English names, and one city under two ids."""

from __future__ import annotations

import re
from typing import Any

import duckdb

from cities.pipeline import KEY_MACROS
from core.settings import DBT_PROJECT

_MODELS = DBT_PROJECT / "models" / "intermediate"


def rows_of(model: str, **tables: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What a model makes of these tables; `ref('x')` and `source('raw', 'x')` are the table x."""
    query = (_MODELS / f"{model}.sql").read_text(encoding="utf-8")
    query = re.sub(r"\{\{ (?:ref|source)\((?:'raw', )?'(\w+)'\) \}\}", r"\1", query)
    with duckdb.connect() as connection:
        connection.execute(KEY_MACROS.read_text(encoding="utf-8"))
        for name, rows in tables.items():
            values = ", ".join(
                "(" + ", ".join("null" if v is None else repr(v) for v in row.values()) + ")"
                for row in rows
            )
            connection.execute(
                f"create table {name} as from (values {values}) as t({', '.join(rows[0])})"
            )
        return connection.execute(query).fetchall()


def _city(city_id: int, name: str, ascii_name: str, others: str = "[]") -> dict[str, Any]:
    return {
        "city_id": city_id,
        "name": name,
        "ascii_name": ascii_name,
        "alternate_names": others,
    }


def _written(city_id: int, *labels: str, method: str = "name+country") -> list[dict[str, Any]]:
    """Each label by a source of its own, which lists cities of sixty countries."""
    return [
        {
            "city_id": city_id,
            "source_id": f"s{i}",
            "ref_area": label,
            "method": method,
            "country_iso2": "XX",
        }
        for i, label in enumerate(labels)
    ]


def english(cities: list[dict[str, Any]], labels: list[dict[str, Any]]) -> dict[int, str]:
    world = [
        {
            "city_id": 1000 + n,
            "source_id": f"s{i}",
            "ref_area": f"Elsewhere {n}",
            "method": "name+country",
            "country_iso2": f"C{n}",
        }
        for i in range(12)
        for n in range(60)
    ]
    made = rows_of("resolve/int_city__english_name", int_city=cities, resolution=labels + world)
    return dict(made)


def test_a_city_has_the_name_that_sources_of_the_world_agree_on() -> None:
    yiyang = _city(1, "Heshan", "Heshan")
    assert english([yiyang], _written(1, "Yiyang", "Yiyang")) == {1: "Yiyang"}
    assert english([yiyang], _written(1, "Yiyang")) == {}
    # One source has the gazetteer's name: it is no stranger.
    assert english([yiyang], _written(1, "Yiyang", "Yiyang", "Heshan")) == {}


def test_a_name_beside_the_gazetteer_s_own_may_be_a_former_one() -> None:
    city = _city(1, "Emalahleni", "Emalahleni", '["Witbank"]')
    assert english([city], _written(1, "Witbank", "Witbank")) == {}
    assert english([city], _written(1, "Witbank", "Witbank", "Witbank")) == {1: "Witbank"}
    official = _written(1, "Witbank", "Witbank", method="name+country+official")
    assert english([city], official) == {1: "Witbank"}


def test_a_name_with_accents_gives_way_to_the_one_most_sources_write() -> None:
    city = _city(1, "Köln", "Koln", '["Cologne"]')
    labels = _written(1, "Köln (Cologne)", "Cologne", "Cologne", "Köln")
    assert english([city], labels) == {1: "Cologne"}
    # Genoa is the English name already, whatever Italians write.
    genoa = _city(1, "Genoa", "Genoa", '["Genova"]')
    assert english([genoa], _written(1, "Genova", "Genova", "Genova", "Genoa")) == {}


def _place(city_id: int, name: str, latitude: float, people: int, **other: Any) -> dict[str, Any]:
    return {
        "city_id": city_id,
        "country_iso2": "SA",
        "admin1": "15",
        "latitude": latitude,
        "longitude": 38.65,
        "alternate_names": "[]",
        "gazetteer_population": people,
        "place_class": "populated_place",
        "is_core": True,
        "name": name,
        "ascii_name": name,
        **other,
    }


def twins(*places: dict[str, Any]) -> list[tuple[Any, ...]]:
    build = [{"own_ids_from": 9_000_000_000}]
    return rows_of("place/int_place__twin", int_place__described=list(places), build=build)


def test_one_city_under_two_ids_is_the_larger() -> None:
    one = _place(1, "Turaif", 31.677, 40_819)
    assert twins(one, _place(2, "Turayf", 31.678, 66_014, alternate_names='["Turaif"]')) == [(1, 2)]


def test_neighbours_are_no_twins() -> None:
    one = _place(1, "Mattapan", 42.267, 26_000)
    # Another name of the neighbour, and nothing like it.
    neighbour = _place(2, "Dorchester", 42.268, 97_000, alternate_names='["Mattapan"]')
    assert twins(one, neighbour) == []
    # The same name in another admin unit, or too far, or a village beside a city.
    for other in (
        _place(2, "Mattapan", 42.268, 97_000, admin1="16"),
        _place(2, "Mattapan", 42.30, 97_000),
        _place(2, "Mattapan", 42.268, 970_000),
    ):
        assert twins(one, other) == []
