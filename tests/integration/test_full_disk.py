"""A data home on a full disk, or on one that may only be read: one sentence, and sound releases."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.paths import DataPaths
from core.settings import ROOT
from tests.fixtures import world as w
from tests.fixtures.warehouse import WCN, Warehouse

pytestmark = pytest.mark.slow(reason="runs that end in the middle")
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def small_disk(
    first_release: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """A data home with one release, on a disk of its own with 40 MB to spare."""
    disk = tmp_path_factory.mktemp("disk")
    used = sum(f.stat().st_size for f in (first_release / "data").rglob("*") if f.is_file())
    size = f"size={used + 40 * MEGABYTE}"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        shutil.copytree(first_release / "data", disk / "data", symlinks=True)
        yield Warehouse(DataPaths(disk / "data"))
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def wcn(home: Warehouse, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WCN, *arguments], cwd=ROOT, env=home.environment, capture_output=True, text=True
    )


def changed(world: w.World, folder: Path) -> tuple[str, ...]:
    """What to run: an archive in which every figure of the yearbook is a little larger."""
    other = world.changed()
    for row in other.tables[w.YEARBOOK][1:1000]:
        row[4] = f"{row[4]}1" if "." in row[4] else row[4]
    index = other.write(folder)
    return ("run", "--offline", "--archive", str(index), "--archive-root", str(folder))


@pytest.mark.parametrize("room", [0, 2 * MEGABYTE])
def test_a_run_on_a_full_disk_ends_with_one_sentence_and_the_release_stays(
    small_disk: Warehouse, world: w.World, tmp_path: Path, room: int
) -> None:
    before, home = small_disk.current["version"], small_disk.paths.root
    ballast = home.parent / "ballast"
    state = os.statvfs(home)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, state.f_bavail * state.f_frsize - room)
    try:
        ran = wcn(small_disk, *changed(world, tmp_path))
        listed = wcn(small_disk, "release", "list")
        verified = wcn(small_disk, "release", "verify")
    finally:
        ballast.unlink()
    said = ran.stdout + ran.stderr
    assert ran.returncode == 1, said
    assert "no space is left on the disk of the data home" in said
    assert "What to do" in said or "WCN_DATA" in said
    assert "Traceback" not in said
    assert "Logging error" not in said
    assert (listed.returncode, before in listed.stdout) == (0, True), listed.stderr
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert small_disk.current["version"] == before


def test_a_data_home_that_may_only_be_read_is_read(
    small_disk: Warehouse, world: w.World, tmp_path: Path
) -> None:
    disk = small_disk.paths.root.parent
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    try:
        for arguments in (
            ("release", "list"),
            ("release", "verify"),
            ("trace", str(w.FIRST_ID), "population", "2010"),
            ("sources",),
            ("cities", "find", world.cities[0].name),
            ("cities", "decisions"),
        ):
            ran = wcn(small_disk, *arguments)
            assert ran.returncode == 0, f"{arguments}: {ran.stdout}{ran.stderr}"
        for arguments in (
            changed(world, tmp_path),
            ("release", "rollback"),
            ("release", "prune", "--keep", "1"),
        ):
            ran = wcn(small_disk, *arguments)
            said = ran.stdout + ran.stderr
            assert ran.returncode == 1, f"{arguments}: {said}"
            assert "Traceback" not in said, f"{arguments}: {said}"
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def test_after_all_that_the_next_run_publishes(
    small_disk: Warehouse, world: w.World, tmp_path: Path
) -> None:
    ran = wcn(small_disk, *changed(world, tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(small_disk.store.versions()) == 2
