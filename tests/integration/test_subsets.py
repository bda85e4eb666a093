"""What a part of a build needs is said before it starts; what nobody has released is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import ReleaseRefused
from sources.snapshot import store, stored_snapshot
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from warehouse import build, dbt, gates, needs, resolution, tested
from warehouse.unreleased import unreleased


@pytest.fixture(scope="module")
def document(built: Warehouse) -> dict[str, object]:
    return dbt.document(built.project)


def _id(model: str) -> str:
    return f"model.world_city_network.{model}"


def test_a_model_whose_tables_went_with_the_release_is_refused_with_what_to_do(
    built: Warehouse, document: dict[str, object]
) -> None:
    reads = needs.reads(document, [_id("mart_observation")])
    assert "fct_observation" in reads
    with pytest.raises(needs.NotBuilt, match=r"fct_observation.* `build_manifest` on"):
        needs.demand(built.paths, "mart_observation", reads)


def test_models_that_are_built_together_do_not_need_each_other(
    document: dict[str, object],
) -> None:
    alone = needs.reads(document, [_id("stg_label")])
    together = needs.reads(document, [_id("stg_label"), _id("stg_cell")])
    assert "stg_cell" in alone
    assert "stg_cell" not in together


def test_a_build_that_was_begun_has_what_it_has_made(
    built: Warehouse, document: dict[str, object]
) -> None:
    project = built.project
    build.begin(project, build.assemble(project))
    build.model(project, "dbt_stage")
    needs.demand(built.paths, "stg_label", needs.reads(document, [_id("stg_label")]))
    assert "mart_observation" not in needs.built(built.paths)


def test_what_was_obtained_and_not_released_is_named_until_it_is(built: Warehouse) -> None:
    project = built.project
    assert unreleased(project) == {}
    before = stored_snapshot(built.paths, w.YEARBOOK)
    assert before
    (content,) = before.contents
    store(built.paths, replace(before, contents=(replace(content, content_id="f" * 16),)))
    assert unreleased(project) == {w.YEARBOOK: ["f" * 16]}
    store(built.paths, before)
    assert unreleased(project) == {}


def test_without_a_release_nothing_is_unreleased(built: Warehouse) -> None:
    project = built.project
    pointer = built.paths.releases / "current"
    target = pointer.readlink()
    pointer.unlink()
    try:
        assert unreleased(project) == {}
    finally:
        pointer.symlink_to(target)


def test_a_release_demands_that_every_test_has_passed_since_its_table_was_made(
    built: Warehouse,
) -> None:
    project = built.project
    build.begin(project, build.assemble(project))
    build.model(project, "dbt_stage")
    resolution.resolve_cities(project)
    build.model(project, "dbt_observe")
    gates.judge_all_series(project)
    with pytest.raises(ReleaseRefused, match=r"\d+ tests of dbt have not passed"):
        tested.demand(project)
    build.model(project, "dbt_model")
    tested.demand(project)
    # One table again, and none of its tests.
    again = list(dbt.build(project, ["dim_city"], "--indirect-selection", "empty"))
    build.finish(project, "dbt_model", again)
    with pytest.raises(ReleaseRefused, match="keys_dim_city"):
        tested.demand(project)
