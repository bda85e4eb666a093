"""What Dagster shows of a build in pictures."""

from __future__ import annotations

import base64
from pathlib import Path

import duckdb
import pytest
from dagster import AssetCheckSpec, AssetKey, AssetSpec, MetadataValue

from core.settings import Settings
from orchestration import plots
from orchestration.assets.warehouse import _waits
from tests.fixtures import pictured
from warehouse.dbt import Node
from warehouse.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("WCN_DATA", str(tmp_path))
    opened = Project.open(Settings.from_environment())
    pictured.write(opened.paths.candidate)
    monkeypatch.setattr(plots.manifest, "load", lambda _paths: type("M", (), {"version": "v1"}))
    return opened


@pytest.mark.parametrize(
    ("kind", "codes"), [("index", {"green"}), ("network", {"alone", "clubs", "routes", "untested"})]
)
def test_marts_show_the_pictures_that_the_release_will_have(
    project: Project, kind: str, codes: set[str]
) -> None:
    shown = plots.pictures(project, kind)
    assert set(shown) == codes
    for code, value in shown.items():
        assert isinstance(value, type(MetadataValue.md("")))
        name, _, data = str(value.value).partition("](data:image/svg+xml;base64,")
        assert name == f"![{kind}_{code}.svg"
        assert "release v1." in base64.b64decode(data.removesuffix(")")).decode()


def test_a_mart_that_was_built_alone_has_no_pictures(project: Project) -> None:
    with duckdb.connect(str(project.paths.candidate)) as connection:
        connection.execute("drop table dim_network")
    assert plots.pictures(project, "network") == {}


def test_what_reads_a_pictured_mart_waits_with_it() -> None:
    """Dagster takes no result before that of an asset that it depends on."""
    models = {
        "model.mart_network": AssetSpec("mart_network", deps=["mart_node_connectivity"]),
        "model.mart_network_change": AssetSpec("mart_network_change", deps=["mart_network"]),
        "model.dim_city": AssetSpec("dim_city"),
    }
    tests = {
        f"test.{name}": AssetCheckSpec("keys", asset=name) for name in ("mart_network", "dim_city")
    }
    pictured: set[AssetKey] = set()

    def waits(unique_id: str) -> bool:
        node = Node(unique_id, unique_id.split(".")[1], "", True, "", 0.0)
        return _waits(node, models, tests, pictured)

    assert waits("model.mart_network")
    assert waits("model.mart_network_change")
    assert waits("test.mart_network")
    assert not waits("model.dim_city")
    assert not waits("test.dim_city")
