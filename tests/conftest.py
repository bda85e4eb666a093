"""Shared parts of the tests: the invented world, and warehouses that are built from it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from core.paths import DataPaths
from tests.fixtures import world as generator
from tests.fixtures.warehouse import Warehouse


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest modules first, so that no process waits for the last of them."""
    items.sort(key=lambda item: -_minutes(item))


def _minutes(item: pytest.Item) -> int:
    slow = item.get_closest_marker("slow")
    return int(slow.kwargs.get("minutes", 1)) if slow else 0


@pytest.fixture(scope="session")
def world() -> generator.World:
    """The invented world; change only copies of it (`world.changed()`)."""
    return generator.make()


@pytest.fixture(scope="session")
def first_release(tmp_path_factory: pytest.TempPathFactory, world: generator.World) -> Path:
    """A data home with one release of the invented world, built once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    target = shared / "first-release"
    with FileLock(shared / "first-release.lock"):
        if not (target / "said.txt").exists():
            shutil.rmtree(target, ignore_errors=True)
            index = world.write(target / "archive")
            said = Warehouse(DataPaths(target / "data")).run(index)
            (target / "said.txt").write_text(said, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def built(first_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse with one release, for one module to do with as it likes."""
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(first_release / "data", folder / "data", symlinks=True)
    return Warehouse(DataPaths(folder / "data"))
