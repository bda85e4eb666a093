"""Finding a city by any of its names or codes, with the reason: the macro and the command."""

from __future__ import annotations

import pytest

from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World


def found(built: Warehouse, name: str, country: str | None = None) -> list[tuple[int, str, str]]:
    rows = built.query("select city_id, scheme, reason from find_city(?, ?)", name, country)
    return [(city_id, scheme, reason) for city_id, scheme, reason in rows]


def test_another_name_of_the_gazetteer_finds_the_city(built: Warehouse, world: World) -> None:
    first = world.cities[0]
    assert found(built, f"{first.name} Old") == [(first.city_id, "name", "name in GeoNames")]


def test_the_main_name_finds_the_city(built: Warehouse, world: World) -> None:
    first = world.cities[0]
    assert found(built, first.name) == [(first.city_id, "name", "main name in GeoNames")]


@pytest.mark.parametrize("change", [str.upper, lambda n: f" {n.replace('a', 'á')}. "])
def test_case_accents_and_punctuation_carry_no_identity(
    built: Warehouse, world: World, change: object
) -> None:
    assert callable(change)
    city = world.cities[0]
    assert [row[0] for row in found(built, change(f"{city.name} Old"))] == [city.city_id]


def test_a_name_that_a_source_writes_says_which_source_and_how(
    built: Warehouse, world: World
) -> None:
    first = world.cities[0]
    assert found(built, f"{first.name}-on-Sea") == [
        (first.city_id, "name", f"name as written by {w.YEARBOOK}: name+country")
    ]
    # The gazetteer has it as well; how the source's writing was linked stays to be seen.
    methods = built.query(
        "select code, method from dim_city_code where city_id = ? and scheme = 'name' order by 1",
        first.city_id,
    )
    assert dict(methods)[f"{first.name} Old"] == "gazetteer"
    assert dict(methods)[f"{first.name}-on-Sea"] == "name+country"


def test_a_code_finds_the_city(built: Warehouse, world: World) -> None:
    city = world.cities[3]
    ((city_id, scheme, reason),) = found(built, city.code.lower())
    assert (city_id, scheme) == (city.city_id, "urau")
    assert reason.startswith("code urau: code+name")
    by_id = found(built, str(city.city_id))
    assert by_id == [(city.city_id, "geonames", "code geonames")]


def test_homonyms_come_by_population_and_the_country_tells_them_apart(built: Warehouse) -> None:
    austria, peru = w.FIRST_ID + 102, w.FIRST_ID + 103
    assert [row[0] for row in found(built, "Samename")] == [peru, austria]
    for country in ("at", "AUT", "Austria", " austria "):
        assert [row[0] for row in found(built, "Samename", country)] == [austria], country
    ranks = built.query("select rank from find_city('Samename', null)")
    assert ranks == [(1,), (2,)]


def test_every_city_is_found_by_its_name(built: Warehouse) -> None:
    lost = built.query(
        "select city_id from dim_city where city_id not in"
        " (select city_id from dim_city_code where scheme = 'name' and code = dim_city.name)"
    )
    assert lost == []


def test_the_command_tells_the_city_and_why(built: Warehouse, world: World) -> None:
    first = world.cities[0]
    said = built.wcn("cities", "find", f"{first.name} Old", "--country", "Austria")
    assert str(first.city_id) in said
    assert "name in GeoNames" in said


def test_the_command_names_near_ones_where_there_is_none(built: Warehouse, world: World) -> None:
    first = world.cities[0]
    said = built.wcn("cities", "find", f"{first.name}x", ok=False)
    assert "No city is called" in said
    assert str(first.city_id) in said
    assert "no country" in built.wcn("cities", "find", "x", "--country", "Ruritania", ok=False)


def test_a_trace_takes_a_name_of_the_gazetteer_where_no_city_is_called_so(
    built: Warehouse, world: World
) -> None:
    said = built.wcn("trace", f"{world.cities[0].name} Old", "population", "2009")
    assert str(world.cities[0].city_id) in said


def test_what_sources_write_counts_beside_the_size(built: Warehouse, world: World) -> None:
    written = built.query(
        "select written_by from dim_city_code where city_id = ? and code = ?",
        world.cities[0].city_id,
        world.cities[0].name,
    )
    assert w.YEARBOOK in written[0][0].split(", ")


def test_a_city_is_named_with_its_country_as_people_write_it(built: Warehouse) -> None:
    for country in ("AT", "Austria", "Österreich"):
        said = built.wcn("trace", f"Samename, {country}", "gdp_cny", "2010")
        assert str(w.FIRST_ID + 102) in said, country


@pytest.mark.parametrize(
    "written", ["Austria", "austria", "AT", "aut", "Österreich", "the Republic of Austria"]
)
def test_a_country_is_understood_as_people_write_it(built: Warehouse, written: str) -> None:
    everywhere = built.query("select distinct country_iso2 from find_city('Samename', null)")
    assert len(everywhere) > 1
    found = built.query("select distinct country_iso2 from find_city('Samename', ?)", written)
    assert found == [("AT",)]


def test_an_unknown_country_has_no_city(built: Warehouse) -> None:
    assert built.query("from find_city('Samename', 'Ruritania')") == []


def test_a_name_alone_is_enough_and_may_end_in_its_country(built: Warehouse) -> None:
    everywhere = built.query("select city_id from find_city('Samename')")
    assert everywhere == built.query("select city_id from find_city('Samename', null)")
    for country in ("AT", "Austria", "Österreich"):
        found = built.query("select country_iso2 from find_city(?)", f"Samename, {country}")
        assert found == [("AT",)], country
    # What is no country is a part of the name; a country of its own comes first.
    assert built.query("from find_city('Samename, Ruritania')") == []
    assert built.query("select country_iso2 from find_city('Samename', 'AT')") == [("AT",)]
