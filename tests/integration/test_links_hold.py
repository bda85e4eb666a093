"""A new source takes no link from the others; where many would fall, a person is asked first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.paths import DataPaths
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

pytestmark = pytest.mark.slow(reason="four runs: without a source, with it, refused, allowed")


def _links(warehouse: Warehouse, source_id: str) -> list[tuple[Any, ...]]:
    return warehouse.query(
        "select label_id, city_id from dim_label where source_id = ? order by all", source_id
    )


def test_links_hold_when_a_source_comes_and_do_not_fall_unseen(
    tmp_path: Path, world: World
) -> None:
    warehouse = Warehouse(DataPaths(tmp_path / "data"), min_cities=50)
    contents = {s: world.data(s) for s in world.tables}
    fewer = {s: data for s, data in contents.items() if s != w.PRICES}
    warehouse.run(w.write_archive(tmp_path / "fewer", fewer))
    before = _links(warehouse, w.YEARBOOK)

    warehouse.run(w.write_archive(tmp_path / "all", contents))
    changes = warehouse.current["changes"]
    assert (changes["withdrawn"], changes["links_fallen"]) == (0, 0)
    assert _links(warehouse, w.YEARBOOK) == before
    assert _links(warehouse, w.PRICES)

    # A city that the gazetteer loses takes the links of its name with it.
    lost = world.changed()
    name = world.cities[7].name
    lost.tables[w.GAZETTEER] = [row for row in lost.tables[w.GAZETTEER] if name not in row]
    index = lost.write(tmp_path / "lost")
    said = replace(warehouse, max_fallen_links=0).run(index, ok=False)
    assert "WCN_MAX_FALLEN_LINKS=" in said
    assert w.YEARBOOK in said
    warehouse.run(index)
    assert warehouse.current["changes"]["links_fallen"] > 0
    fell = warehouse.query("select distinct method from dim_label where method like 'link_fell%'")
    assert fell
