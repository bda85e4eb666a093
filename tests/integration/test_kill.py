"""A run that is killed at any step harms nothing: readers keep a sound release, the next run works.

Each run is a process of its own and dies by SIGKILL as soon as it says what the step says.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.paths import DataPaths
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World

# What the run says last before it dies; the first is a source that is being obtained.
STEPS = (
    "agency__environment",
    "manifest",
    "dbt_stage",
    "cities",
    "dbt_observe",
    "gate 1",
    "dbt_model",
    "gate 2",
    "release",
)

pytestmark = pytest.mark.slow(
    reason="ten runs, each a process of its own that is killed at another step"
)


@dataclass
class Story:
    """What was left after each kill, and after the run that was let live."""

    warehouse: Warehouse
    archive: Path
    reached: dict[str, bool] = field(default_factory=dict)
    faults: dict[str, list[str]] = field(default_factory=dict)
    current: dict[str, str] = field(default_factory=dict)
    finished: dict[str, list[str]] = field(default_factory=dict)
    half_made: list[str] = field(default_factory=list)
    verified: str = ""
    said: str = ""


@pytest.fixture(scope="module")
def story(built: Warehouse, world: World, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One release; then changed content, and a run for it that dies at every step in turn."""
    later = world.changed()
    row = later.tables[w.YEARBOOK][later.yearbook_row(50, 2015)]
    row[4] = str(round(float(row[4]) * 1.02, 2))
    made = Story(built, later.write(tmp_path_factory.mktemp("kill")))
    made.current["before"] = built.current["version"]
    archive = ("--archive", str(made.archive), "--archive-root", str(made.archive.parent))

    evidence = built.paths.build / "evidence.json"
    evidence.unlink()
    # What is said reaches us late; the last steps are seen by what they leave.
    traces = {
        "gate 2": evidence.exists,
        "release": lambda: any(built.paths.releases.glob(".making-*")),
    }
    for step in STEPS:
        run = ("run", *archive, "--offline")
        if step in traces:
            made.reached[step] = built.kill_once(traces[step], *run)
        else:
            lines = built.kill_when(lambda line, step=step: f" {step}  " in line, *run)  # type: ignore[misc]
            made.reached[step] = f" {step}  " in lines[-1]
        made.current[step] = built.current["version"]
        faults = built.store.verify(made.current[step])
        made.faults[step] = faults + built.store.verify_pointer()
        made.finished[step] = built.store.versions()
    made.verified = built.wcn("release", "verify")
    made.half_made = [p.name for p in built.paths.releases.glob(".making-*")]
    made.said = built.run(made.archive)
    return made


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_leaves_the_last_release_current_and_sound(story: Story, step: str) -> None:
    assert story.reached[step]
    first = story.current["before"]
    assert story.current[step] == first
    assert story.finished[step] == [first]
    assert story.faults[step] == []
    assert story.verified.strip() == f"{first}: sound"


def test_the_next_run_after_all_kills_publishes_what_is_new(story: Story, world: World) -> None:
    here = story.warehouse
    assert here.current["version"] != story.current["before"]
    assert here.current["changes"]["revised"] == 1
    assert here.current["changes"]["added"] == 0
    assert here.store.verify(here.current["version"]) == []
    assert here.store.verify_pointer() == []
    before = here.query("select count(*) from fct_observation", version=story.current["before"])
    assert here.query("select count(*) from fct_observation") == before
    assert "waiting for" not in story.said


def test_what_a_killed_run_had_half_made_is_no_release_and_is_pruned(story: Story) -> None:
    here = story.warehouse
    assert len(story.half_made) == 1
    assert len(here.store.versions()) == 2
    here.wcn("release", "prune", "--keep", "2")
    assert list(here.paths.releases.glob(".making-*")) == []
    assert len(here.store.versions()) == 2


def test_a_run_does_not_wait_for_a_dead_one(
    first_release: Path, world: World, tmp_path: Path
) -> None:
    shutil.copytree(first_release / "data", tmp_path / "data", symlinks=True)
    here = Warehouse(DataPaths(tmp_path / "data"))
    later = world.changed()
    later.tables[w.YEARBOOK][later.yearbook_row(50, 2015)][4] = "70000"
    index = later.write(tmp_path / "archive")
    run = ("run", "--archive", str(index), "--archive-root", str(index.parent), "--offline")
    here.kill_when(lambda line: " manifest  " in line, *run)
    lines = here.kill_when(lambda line: " dbt_stage  " in line, *run, patience=45)
    assert " dbt_stage  " in lines[-1]
