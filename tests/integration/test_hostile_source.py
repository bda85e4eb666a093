"""A source that sends what kills or holds its reader: the others are published, by command and in
Dagster, whose job is the same way."""

from __future__ import annotations

from pathlib import Path

import pytest
from dagster import DagsterInstance

from orchestration.definitions import build_definitions
from orchestration.elsewhere import unseen
from tests.faults.payloads import payloads
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

HOSTILE = {
    name: body for seed, name, body in payloads() if seed == "delimited" and len(body) > 300_000
}
pytestmark = pytest.mark.slow(reason="a run by command, and one of Dagster's job")


def _met(world: World, folder: Path, factor: float, payload: str) -> Path:
    """An archive in which the yearbook says something new, and the climate is hostile."""
    later = world.changed()
    row = later.tables[w.YEARBOOK][later.yearbook_row(50, 2015)]
    row[3] = str(round(float(row[3]) * factor, 3))
    return later.write(folder, instead={w.NORMALS: HOSTILE[payload]})


def _raised(here: Warehouse, world: World) -> float:
    """The published figure of the yearbook, by what the yearbook said at first."""
    first = float(world.tables[w.YEARBOOK][world.yearbook_row(50, 2015)][3]) * 1000
    ((now,),) = here.query(
        "select obs_value from fct_observation where source_id = ? and indicator = 'population'"
        " and city_id = ? and year = 2015",
        w.YEARBOOK,
        world.cities[50].city_id,
    )
    return float(round(now / first, 4))


def _of_climate(here: Warehouse) -> list[tuple[int, float]]:
    return here.query(
        "select count(*), sum(obs_value) from fct_observation where source_id = ?", w.NORMALS
    )


def test_by_command_the_others_are_published(
    built: Warehouse, world: World, tmp_path: Path
) -> None:
    before = _of_climate(built)
    said = built.run(_met(world, tmp_path, 1.01, "two hundred thousand columns"))
    assert "is current" in said
    assert f"{w.NORMALS}: expected at most 1,000 columns; found 200,000 or more" in " ".join(
        said.split()
    )
    assert _raised(built, world) == 1.01
    assert _of_climate(built) == before != [(0, None)]


def test_in_dagster_the_others_are_published_and_a_check_says_what_came(
    built: Warehouse, world: World, tmp_path: Path
) -> None:
    before, project = _of_climate(built), built.project
    index = _met(world, tmp_path, 1.02, "two hundred thousand rows")
    options = {"offline": True, "archive_index": str(index), "archive_root": str(index.parent)}
    with DagsterInstance.ephemeral() as instance:
        ran = (
            build_definitions(project)
            .resolve_job_def("refresh")
            .execute_in_process(
                instance=instance,
                run_config={
                    "resources": {"fetch_options": {"config": options}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
            )
        )
        assert list(unseen(project, instance)) == []
    assert ran.success
    made = {
        "/".join(e.asset_key.path) for e in ran.get_asset_materialization_events() if e.asset_key
    }
    assert {f"raw/{w.YEARBOOK}", "build_manifest", "fct_observation", "release"} <= made
    checks = {(e.asset_key.path[-1], e.check_name): e for e in ran.get_asset_check_evaluations()}
    climate = checks[w.NORMALS, "obtained"]
    assert not climate.passed
    assert "at most" in str(climate.metadata["failures"].value)
    assert checks[w.YEARBOOK, "obtained"].passed
    assert checks["series_gate", "contents_accepted"].passed
    assert _raised(built, world) == 1.02
    assert _of_climate(built) == before
    assert not (project.paths.build / "holder.json").exists()
