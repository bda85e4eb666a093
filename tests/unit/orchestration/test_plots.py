"""What Dagster shows of a build in pictures."""

from __future__ import annotations

import base64
from pathlib import Path

import duckdb
import pytest
from dagster import MetadataValue

from core.settings import Settings
from orchestration import plots
from tests.fixtures import pictured
from warehouse.project import Project


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("WCN_DATA", str(tmp_path))
    opened = Project.open(Settings.from_environment())
    pictured.write(opened.paths.candidate)
    monkeypatch.setattr(plots.manifest, "load", lambda _paths: type("M", (), {"version": "v1"}))
    return opened


@pytest.mark.parametrize(
    ("kind", "codes"), [("index", {"green"}), ("network", {"alone", "clubs", "routes"})]
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
