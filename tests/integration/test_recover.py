"""What docs/how-to/recover.md promises of whole data homes: back up, restore, derive, prune.

One warehouse is copied in the way of the page while a run goes on in it. Each copy is restored.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.paths import DataPaths
from core.settings import ROOT
from releases import history, pointer
from tests.fixtures import world as w
from tests.fixtures.releases import flip
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World
from warehouse import doctor, landed

pytestmark = pytest.mark.slow(reason="a run that is copied while it goes on, and two after it")

# When the copies are made: the run says this.
MOMENTS = {"obtaining": f" {w.YEARBOOK} ", "publishing": r" release +writing"}


@dataclass
class Story:
    """The warehouse that was copied, and the copies."""

    warehouse: Warehouse
    archive: Path
    before: str = ""
    copies: dict[str, Path] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)


def _back_up(home: Path, target: Path) -> None:
    """The commands of the page, in a folder where the data home is `data`."""
    text = (ROOT / "docs" / "how-to" / "recover.md").read_text(encoding="utf-8")
    commands = re.search(r"^## Back up\n.*?^```bash\n(.*?)^```", text, re.S | re.M)
    assert commands
    target.mkdir()
    (target / "data").symlink_to(home)
    subprocess.run(["bash", "-uc", commands[1]], cwd=target, check=True)


@pytest.fixture(scope="module")
def story(built: Warehouse, world: World, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One release; then changed content, and copies while the run for it is going."""
    folder = tmp_path_factory.mktemp("recover")
    later = world.changed()
    later.tables[w.YEARBOOK][later.yearbook_row(50, 2015)][4] = "70000"
    made = Story(built, later.write(folder / "archive"), built.current["version"])

    def seen(line: str) -> bool:
        for moment, said in MOMENTS.items():
            if re.search(said, line) and moment not in made.copies:
                made.copies[moment] = folder / moment
                _back_up(built.paths.root, folder / moment)
        return False

    root = str(made.archive.parent)
    built.kill_when(
        seen, "run", "--archive", str(made.archive), "--archive-root", root, "--offline"
    )
    made.copies["afterwards"] = folder / "afterwards"
    _back_up(built.paths.root, made.copies["afterwards"])
    for moment, copy in made.copies.items():
        (copy / "backup").rename(copy / "restored")
        here = Warehouse(DataPaths(copy / "restored"))
        made.said[f"{moment} mend"] = here.wcn("doctor", "--mend")
        made.said[f"{moment} verify"] = here.wcn("release", "verify")
    return made


def _restored(story: Story, moment: str) -> Warehouse:
    return Warehouse(DataPaths(story.copies[moment] / "restored"))


def _figures(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.query(
        "select city_id, indicator, source_id, time_period, obs_value from fct_observation"
        " order by all"
    )


@pytest.mark.parametrize("moment", [*MOMENTS, "afterwards"])
def test_a_copy_that_was_made_while_a_run_was_going_is_whole(story: Story, moment: str) -> None:
    assert story.warehouse.current["version"] != story.before
    here = _restored(story, moment)
    assert "no faults" in story.said[f"{moment} mend"]
    assert f"{here.current['version']}: sound" in story.said[f"{moment} verify"]
    assert here.store.verify_pointer() == []
    assert here.current["version"] in (story.before, story.warehouse.current["version"])


def test_a_restored_data_home_runs_again_and_gives_the_same_figures(story: Story) -> None:
    here = _restored(story, "obtaining")
    assert here.current["version"] == story.before
    here.run(story.archive)
    assert here.current["changes"]["revised"] == 1
    assert _figures(here) == _figures(story.warehouse)
    assert "no faults" in here.wcn("doctor")


def test_a_data_home_that_was_restored_without_decoded_tables_has_nothing_new(
    story: Story,
) -> None:
    here = _restored(story, "afterwards")
    assert not here.paths.raw.exists()
    assert "No new release" in here.run(story.archive)
    assert [f for f in doctor.examine(here.paths) if f.is_fault] == []


def test_the_database_of_a_release_gives_its_history_back(story: Story, tmp_path: Path) -> None:
    shutil.copytree(story.warehouse.paths.releases, tmp_path / "releases", symlinks=True)
    releases = tmp_path / "releases"
    assert len(pointer.moves(releases)) == 2
    last = history.path(releases, 2)
    shutil.copy(last, tmp_path / "before.parquet")
    flip(last, 100)
    flip(history.path(releases, 1), 100)
    (releases / story.before).rename(tmp_path / "away")
    assert history.latest(releases) == last
    with duckdb.connect() as connection:
        one, other = (f"from read_parquet('{p}')" for p in (last, tmp_path / "before.parquet"))
        rows = connection.execute(f"select count(*) from ({one})").fetchone()
        described = [connection.execute(f"describe {x}").fetchall() for x in (one, other)]
        differing = connection.execute(
            f"({one} except all {other}) union all ({other} except all {one})"
        ).fetchall()
    assert rows is not None
    assert rows[0] > 2000
    assert described[0] == described[1]
    assert differing == []


def test_after_pruning_landed_bytes_everything_goes_on(story: Story, tmp_path: Path) -> None:
    shutil.copytree(story.warehouse.paths.root, tmp_path / "data", symlinks=True)
    here = Warehouse(DataPaths(tmp_path / "data"))
    here.wcn("release", "prune", "--keep", "1")
    long_ago = time.time() - 2 * doctor.UNDERWAY
    for path in (*here.paths.blobs.rglob("*"), *here.paths.raw.rglob("*")):
        os.utime(path, (long_ago, long_ago))
    # An archive brings bytes anew for the yearbook: the older ones are in no release any more.
    assert len(landed.spare(here.paths).blobs) == 1
    assert "deleted 1 blobs" in here.wcn("doctor", "prune-landed")
    assert "no faults" in here.wcn("doctor")
    assert "No new release" in here.run(story.archive)
    assert "decoding" not in here.run(None)
    city, indicator, source, year, _ = next(f for f in _figures(here) if f[2] == w.YEARBOOK)
    assert source in here.wcn("trace", str(city), indicator, year)
    here.wcn("archive", str(tmp_path / "exported"))
