"""The gazetteer changes: a city gets another id, another gets another name, a third disappears."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

NEW_ID = 9_500_000


@pytest.fixture(scope="module")
def changed(built: Warehouse, world: World, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    later = world.changed()
    gazetteer = later.tables[w.GAZETTEER]
    gazetteer[1 + 20][0] = str(NEW_ID)
    gazetteer[1 + 21][1:3] = ["Newtown", "Newtown"]
    gazetteer[1 + 21][3] = world.cities[21].name
    # The one without a fact: Samename in Peru, the last but two of the others.
    (lost,) = [r for r in gazetteer if r[1] == "Samename" and r[7] == "PE"]
    gazetteer.remove(lost)
    built.run(later.write(tmp_path_factory.mktemp("later")))
    return built


def test_an_id_that_was_given_up_stays_a_code_of_the_city(changed: Warehouse, world: World) -> None:
    old = world.cities[20].city_id
    found = changed.query(
        "select city_id, method from dim_city_code where scheme = 'geonames' and code = ?", str(old)
    )
    assert found == [(NEW_ID, "successor")]
    assert changed.query("select count(*) from fct_observation where city_id = ?", NEW_ID) != [(0,)]


def test_the_history_tells_what_became_of_each_city(changed: Warehouse, world: World) -> None:
    ended = dict(
        changed.query(
            "select city_id, (ended_by, successor_city_id) from dim_city_history"
            " where valid_to_release is not null"
        )
    )
    lost = w.FIRST_ID + 103
    assert ended == {
        world.cities[20].city_id: ("merged", NEW_ID),
        world.cities[21].city_id: ("renamed", None),
        lost: ("left", None),
    }
    named = changed.query(
        "select name from dim_city_history where city_id = ? order by valid_from_release",
        world.cities[21].city_id,
    )
    assert named == [(world.cities[21].name,), ("Newtown",)]


def test_every_city_has_one_open_row(changed: Warehouse) -> None:
    unlike = changed.query(
        """select city_id from dim_city
        except select city_id from dim_city_history where valid_to_release is null"""
    )
    assert unlike == []


def test_a_third_release_still_knows_the_old_id(
    changed: Warehouse, world: World, tmp_path: Path
) -> None:
    later = world.changed()
    later.tables[w.GAZETTEER][1 + 20][0] = str(NEW_ID)
    later.tables[w.YEARBOOK][world.yearbook_row(40, 2012)][3] = "1234.5"
    changed.run(later.write(tmp_path))
    old = str(world.cities[20].city_id)
    found = changed.query("select city_id, method from dim_city_code where code = ?", old)
    assert found == [(NEW_ID, "successor")]
