"""What a data home keeps between runs is of use only where it is whole."""

from __future__ import annotations

from pathlib import Path

import duckdb

from core.paths import DataPaths
from tests.faults.releases import different, revised
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World
from warehouse import dbt


def test_cells_that_a_failed_build_staged_otherwise_are_staged_again(
    built: Warehouse, world: World, tmp_path: Path
) -> None:
    with duckdb.connect(str(built.paths.scratch)) as connection:
        twice = "insert into staging.stg_cell select * from staging.stg_cell where source_id = ?"
        connection.execute(twice, [w.PRICES])
        connection.execute("delete from staging.stg_cell where source_id = ?", [w.CENSUS])
    index = revised(world, 1).write(tmp_path / "archive")
    built.run(index)
    fresh = Warehouse(DataPaths(tmp_path / "fresh"))
    fresh.run(index)
    assert different(built, fresh) == []


def test_a_repeated_line_of_an_index_fails_its_source_alone(
    built: Warehouse, world: World, tmp_path: Path
) -> None:
    index = revised(world, 2).write(tmp_path / "archive")
    lines = index.read_text(encoding="utf-8").splitlines()
    repeated = next(line for line in lines if line.startswith(w.YEARBOOK))
    index.write_text("\n".join([*lines, repeated]) + "\n", encoding="utf-8")
    said = " ".join(built.run(index).split())
    assert f"{w.YEARBOOK}: expected the bytes of file once; found the same bytes 2 times" in said
    assert built.snapshot(w.YEARBOOK)["stale"]


def test_a_damaged_snapshot_of_one_source_stops_no_run_of_another(built: Warehouse) -> None:
    before = built.current["version"]
    (built.paths.snapshots / f"{w.PRICES}.json").write_text('{"half', encoding="utf-8")
    said = built.run(None, "--only", w.YEARBOOK)
    assert built.current["version"] == before, said
    assert w.PRICES in built.wcn("sources")


def test_a_run_leaves_the_document_of_dbt_as_it_is(built: Warehouse) -> None:
    """It ends at once, and would leave it half-written for Dagster."""
    project = built.project
    path = dbt.prepare(project)
    was = path.stat()
    dbt.start(project)
    list(dbt.build(project, ["no_such_model"]))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (was.st_ino, was.st_mtime_ns)
