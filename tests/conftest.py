"""Shared parts of the tests: the invented world, and warehouses that are built from it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from releases.shelf import Shelf
from sources.catalog import ROOT
from sources.home import Home
from tests.fixtures import world as generator

PUBLISHERS = Path(__file__).parent / "fixtures" / "publishers"
# The command as its entry point calls it, from this checkout.
WCN = (sys.executable, "-c", "from orchestration.cli import main; main(prog_name='wcn')")


@dataclass(frozen=True)
class Warehouse:
    """A data home and a catalogue, driven through the `wcn` command like by a person."""

    home: Home
    publishers: Path = PUBLISHERS
    min_cities: int = 60

    @property
    def environment(self) -> dict[str, str]:
        mine = {
            "WCN_DATA": str(self.home.root),
            "WCN_PUBLISHERS": str(self.publishers),
            "WCN_MIN_CITIES": str(self.min_cities),
        }
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("WCN_", "DAGSTER_"))}
        return inherited | mine

    def wcn(self, *arguments: str, ok: bool = True) -> str:
        """Run one command; its output. Fails the test when the exit code is not as expected."""
        done = subprocess.run(
            [*WCN, *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        said = done.stdout + done.stderr
        assert (done.returncode == 0) == ok, said
        return said

    def run(self, index: Path | None, *arguments: str, ok: bool = True) -> str:
        """`wcn run` from an archive, or with nothing but what is there already."""
        archive = ("--archive", str(index), "--archive-root", str(index.parent)) if index else ()
        return self.wcn("run", *archive, "--offline", *arguments, ok=ok)

    @property
    def shelf(self) -> Shelf:
        return Shelf(self.home.releases)

    @property
    def current(self) -> dict[str, Any]:
        """The manifest of the current release."""
        manifest = self.shelf.current()
        assert manifest is not None
        return manifest

    def offer(self, source_id: str) -> dict[str, Any]:
        """What a source offered last."""
        path = self.home.offers / f"{source_id}.json"
        stored: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return stored

    def query(self, sql: str, *values: Any, version: str | None = None) -> list[tuple[Any, ...]]:
        """Ask a release, the current one by default."""
        path = self.home.releases / (version or "current") / "warehouse.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()


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
            said = Warehouse(Home(target / "data")).run(index)
            (target / "said.txt").write_text(said, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def built(first_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A warehouse with one release, for one module to do with as it likes."""
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(first_release / "data", folder / "data", symlinks=True)
    yield Warehouse(Home(folder / "data"))


@pytest.fixture(scope="module")
def archive_of(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., Path]:
    """Write a world into a fresh folder: `archive_of(world, instead={source_id: bytes})`."""

    def write(world: generator.World, **arguments: Any) -> Path:
        return world.write(tmp_path_factory.mktemp("archive"), **arguments)

    return write
