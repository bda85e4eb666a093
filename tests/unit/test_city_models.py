"""The models of cities, on small tables: English names, and one city under two ids."""

from __future__ import annotations

from typing import Any

from tests.fixtures.models import run


def _city(
    city_id: int, name: str, ascii_name: str, others: str = "[]", country: str = "SA"
) -> dict[str, Any]:
    return {
        "city_id": city_id,
        "country_iso2": country,
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
    tables = {
        "int_city": cities,
        "resolution": labels + world,
        "country": [
            {"country_iso2": "SA", "script": "Arab"},
            {"country_iso2": "LV", "script": "Latn"},
            {"country_iso2": "RS", "script": "Cyrl"},
        ],
        "english_name": [{"city_id": 90, "name": "Antwerp"}, {"city_id": 91, "name": "Gqeberha"}],
    }
    made = run("int_city__english_name", tables)
    return {row["city_id"]: row["name"] for row in made}


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


def test_a_declared_english_name_comes_before_what_sources_write() -> None:
    antwerp = _city(90, "Antwerpen", "Antwerpen", '["Antwerp"]')
    assert english([antwerp], _written(90, "Anvers", "Anvers", "Anvers")) == {90: "Antwerp"}
    # The gazetteer's name stays, though all sources write the former one.
    port = _city(91, "Gqeberha", "Gqeberha", '["Port Elizabeth"]')
    assert english([port], _written(91, *["Port Elizabeth"] * 5)) == {}


def test_the_marks_of_a_transliteration_are_no_part_of_an_english_name() -> None:
    hama = _city(1, "Ḩamāh", "Hamah")
    assert english([hama], []) == {1: "Hamah"}
    # What sources agree on comes first.
    aleppo = _city(1, "Ḩalab", "Halab")
    assert english([aleppo], _written(1, "Aleppo", "Aleppo", "Aleppo")) == {1: "Aleppo"}
    # Where people write in Latin letters, marks are letters; accents are a spelling of its own.
    assert english([_city(1, "Rēzekne", "Rezekne", country="LV")], []) == {}
    assert english([_city(1, "Niš", "Nis", country="RS")], []) == {}


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


def twins(*places: dict[str, Any], declared: tuple[int, int] = (0, 0)) -> list[tuple[Any, ...]]:
    tables = {
        "int_place__described": places,
        "build": [{"own_ids_from": 9_000_000_000}],
        "same_place": [{"city_id": declared[0], "same_as": declared[1]}],
    }
    return [(row["city_id"], row["other_city_id"]) for row in run("int_place__twin", tables)]


def test_one_city_under_two_ids_is_the_larger() -> None:
    one = _place(1, "Turaif", 31.677, 40_819)
    assert twins(one, _place(2, "Turayf", 31.678, 66_014, alternate_names='["Turaif"]')) == [(1, 2)]


def test_two_large_cities_of_one_name_are_one_even_some_way_apart() -> None:
    city = _place(1, "Buenaventura", 31.60, 240_387)
    assert twins(city, _place(2, "Buenaventura", 31.88, 432_385)) == [(1, 2)]
    # Too far, in another admin unit, or a town.
    for other in (
        _place(2, "Buenaventura", 32.0, 432_385),
        _place(2, "Buenaventura", 31.88, 432_385, admin1="16"),
        _place(2, "Buenaventura", 31.88, 90_000),
    ):
        assert twins(city, other) == []


def test_the_very_same_population_under_another_name_nearby_is_one_place() -> None:
    city = _place(1, "Unggi", 31.67, 27_331)
    named = _place(2, "Sonbong", 31.69, 27_331, alternate_names='["Unggi"]')
    assert twins(city, named) == [(2, 1)]
    assert twins(city, {**named, "gazetteer_population": 27_332}) == []
    assert twins(city, {**named, "alternate_names": "[]"}) == []


def test_what_neither_names_nor_distance_tell_is_declared() -> None:
    town, seat = _place(1, "Bayi", 31.67, 21_400), _place(2, "Nyingchi", 31.68, 200_000)
    assert twins(town, seat) == []
    assert twins(town, seat, declared=(1, 2)) == [(1, 2)]
    # A declaration about a place that no gazetteer has says nothing.
    assert twins(town, seat, declared=(1, 3)) == []


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


def test_another_spelling_of_a_name_at_one_spot_and_of_one_size_is_one_place() -> None:
    one = _place(1, "Ponnuru", 31.670, 57_170)
    other = _place(2, "Ponnur", 31.676, 59_913)
    assert twins(one, other) == [(1, 2)]
    # Of one population even a little further off.
    assert twins(one, {**other, "gazetteer_population": 57_170, "latitude": 31.69}) == [(2, 1)]
    # Further off, of another size, two letters, a short name, numbered parts.
    for place in (
        {**other, "latitude": 31.69},
        {**other, "gazetteer_population": 90_000},
        _place(2, "Bonnur", 31.676, 59_913),
    ):
        assert twins(one, place) == []
    for name, like in (("Pali", "Pala"), ("Marseille 01", "Marseille 02"), ("Ongal I", "Ongal II")):
        assert twins(_place(1, name, 31.670, 57_170), _place(2, like, 31.676, 59_913)) == []
