"""Hundreds of daily refreshes of a small world: revisions, outages, bad editions, prunes.

What grows, and how fast, is measured day by day; at the end every earlier day is asked for again,
as readers saw it then.

Belongs here: the life of one data home. Does not belong here: drawing the curve (`__main__`).
"""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sources.landing import read_index
from tests.faults.score import Score
from tests.fixtures import world as w
from tests.fixtures.warehouse import Warehouse
from tests.fixtures.world import World
from warehouse.pipeline import refresh
from warehouse.project import Project

# A refresh keeps so many releases; every so many days they are pruned.
KEEP, PRUNED_EVERY = 7, 7
_KEY = "city_id, indicator, source_id, spatial_unit, time_period"
_STATE = f"count(*), sum(hash({_KEY}, obs_value, unit_measure, obs_status)::hugeint)"
# What may be missing or spoilt: everything that no other source needs.
_OPTIONAL = (w.YEARBOOK, w.ENVIRONMENT, w.PRICES, w.CENSUS, w.NORMALS)
_BAD: tuple[Callable[[bytes], bytes], ...] = (
    lambda _: b"<!doctype html><title>Maintenance</title>",
    lambda body: body[: len(body) // 3],
    lambda body: body + body.partition(b"\n")[2],
    lambda _: b"",
)


@dataclass(frozen=True)
class Day:
    """One day: what happened, how long the refresh took, and what the data home holds after it."""

    number: int
    happened: str
    seconds: float
    released: bool
    megabytes: dict[str, float]
    at: str
    """When its state became what readers see (UTC), or of the release before it."""
    state: tuple[int, int]


@dataclass
class Life:
    """All days, and how they were judged."""

    days: list[Day] = field(default_factory=list)
    score: Score = field(default_factory=lambda: Score("days of refreshes"))


def live(here: Warehouse, world: World, days: int, folder: Path, seed: int = 3) -> Life:
    """Refresh day by day, then ask for every day again. `here` holds a first release."""
    life, chance, world = Life(), random.Random(seed), world.changed()
    with life.score.timed():
        for number in range(1, days + 1):
            life.days.append(_day(here, world, number, chance, folder))
            life.score.count(life.days[-1].happened)
        _look_back(here, life)
    return life


def _day(here: Warehouse, world: World, number: int, chance: random.Random, folder: Path) -> Day:
    contents = {s: world.data(s) for s in world.tables}
    victim, draw = chance.choice(_OPTIONAL), chance.random()
    if draw < 0.3:
        _revise(world, chance)
        contents = {s: world.data(s) for s in world.tables}
        happened = "a revision"
    elif draw < 0.5:
        del contents[victim]
        happened = "an outage"
    elif draw < 0.7:
        contents[victim] = chance.choice(_BAD)(contents[victim])
        happened = "a bad edition"
    else:
        happened = "nothing"
    index = w.write_archive(folder / "today", contents)
    project = here.project
    began = time.monotonic()
    entries = read_index(index, index.parent)
    released = refresh(project, project.fetch_context(offline=True, archive=entries)) is not None
    seconds = time.monotonic() - began
    shutil.rmtree(index.parent)
    if number % PRUNED_EVERY == 0:
        here.store.prune(KEEP)
    ((at,),) = here.query("select released_at::varchar from dim_release")
    (state,) = here.query(f"select {_STATE} from fct_observation")
    return Day(number, happened, seconds, released, _megabytes(project), at, state)


def _revise(world: World, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        row = world.tables[w.YEARBOOK][world.yearbook_row(chance.randrange(40, 60), 2015)]
        row[3] = str(round(float(row[3]) * chance.choice((0.99, 1.01, 1.02)), 3))


def _megabytes(project: Project) -> dict[str, float]:
    root = project.paths.root
    return {
        part.name: sum(
            p.stat().st_size for p in part.rglob("*") if p.is_file() and not p.is_symlink()
        )
        / 1e6
        for part in sorted(root.iterdir())
        if part.is_dir()
    }


def _look_back(here: Warehouse, life: Life) -> None:
    """As of every day, the history must give what readers saw on that day."""
    for day in life.days:
        (then,) = here.query(
            f"""select {_STATE} from fct_observation_history
            where valid_from <= ?::timestamp and (valid_to is null or valid_to > ?::timestamp)""",
            day.at,
            day.at,
        )
        life.score.expect(then == day.state, f"day {day.number}: {then} instead of {day.state}")
    faults = here.store.verify_pointer()
    for version in here.store.versions():
        faults += here.store.verify(version)
    life.score.faults += faults
