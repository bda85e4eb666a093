"""A week by Dagster's own schedules and sensors, on a fast clock, with servers that misbehave.

The daemons' own loops look once an hour, whenever a schedule is due, and every half minute while a
run is under way. Ours to say is the time of the daemons and of `changed_sources`; runs are
processes that live by the real clock, so nothing grows stale. What is revised, which server fails
and which run is killed is drawn from a seed. After it all servers are well for one more day.

Belongs here: what happens, and what must hold after every hour. Does not belong here: Dagster's
loops (`tests.fixtures.fast_dagster`), the servers (`tests.fixtures.live_world`).
"""

from __future__ import annotations

import subprocess
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import psutil
import yaml
from dagster import DagsterRun, DagsterRunStatus
from dagster._core.scheduler.instigation import TickStatus

from core.paths import DataPaths
from core.settings import ROOT
from orchestration import instance, retention
from sources.snapshot import stored_snapshot
from tests.faults.releases import different
from tests.faults.score import Score
from tests.fixtures import world as w
from tests.fixtures.fast_dagster import Clock, Daemons, Launcher, daemons
from tests.fixtures.live_world import LiveWorld, served
from tests.fixtures.warehouse import WCN, Warehouse
from tests.fixtures.world import World

# A Monday, before the second of a month and the third of a quarter: every schedule but the yearly.
FIRST = datetime(2030, 4, 1, tzinfo=UTC)
CADENCES = {
    w.YEARBOOK: "daily", w.PRICES: "daily", w.ENVIRONMENT: "daily", w.CENSUS: "weekly",
    w.NORMALS: "weekly", w.GAZETTEER: "monthly", w.CODES: "quarterly",
}  # fmt: skip
# Which figure of which rows may be revised: none that has a flaw.
_REVISED = {
    w.YEARBOOK: (3, range(41 * len(w.YEARS), 59 * len(w.YEARS))),
    w.PRICES: (4, range(100, 600)),
    w.CENSUS: (6, range(41, 140)),
}
# What a server does instead of answering at once: a status (0: it hangs up), or seconds of delay.
_TROUBLES = {"503": (503, 0.0), "hung up": (0, 0.0), "slow": (200, 2.0), "silent": (200, 600.0)}
KEEP_RUNS = 8
"""Instead of a hundred, which a week does not reach."""
MEGABYTES = 150
"""By which the process that looks may grow after the first day."""
HOURS, AFTER_A_KILL = 8, 32
"""From a change that can be had to its release: sources are asked four times a day. What a killed
run had begun to build waits for the next daily one."""
_BALANCED = """select count(*), count(*) filter (
    cells_read != published + rejected + duplicate + filtered) from fct_row_ledger"""
_OF_FETCHES = {"dim_content", "dim_source"}  # they say when a content was got


@dataclass
class Week:
    """What there is, what is planned, and what has been seen."""

    here: Warehouse
    live: LiveWorld
    world: World
    daemons: Daemons
    chance: Random
    score: Score = field(default_factory=lambda: Score("runs of a week by schedules and sensors"))
    ended: dict[str, DagsterRunStatus] = field(default_factory=dict)
    killed: set[str] = field(default_factory=set)
    to_kill: list[float] = field(default_factory=list)
    """Seconds after its start at which a coming run is killed."""
    waiting: dict[str, datetime] = field(default_factory=dict)
    """Since when a source has what the release has not."""
    slowest: dict[int, float] = field(default_factory=lambda: {HOURS: 0.0, AFTER_A_KILL: 0.0})
    """Hours that a source has waited, of those that are allowed."""
    last_kill: datetime = FIRST - timedelta(days=1)
    happened: list[str] = field(default_factory=list)
    obtained: dict[str, list[str]] = field(default_factory=dict)
    contents: int = 0
    megabytes: list[float] = field(default_factory=list)
    """Of this process, at each midnight."""

    @property
    def now(self) -> datetime:
        return self.daemons.clock.at

    def fault(self, holds: bool, text: str) -> None:
        self.score.expect(holds, f"{self.now:%a %H:%M}: {text}")


def live(world: World, days: int, folder: Path, seed: int = 1) -> Score:
    """Live so many days, and one more with all servers well. The folder is made."""
    with ExitStack() as stack:
        week = stack.enter_context(_begun(world.changed(), folder, Random(seed)))
        stack.enter_context(week.score.timed())
        plan, end = _plan(days, week.chance), FIRST + timedelta(days=days + 1)
        hours = {FIRST + timedelta(hours=h) for h in range((days + 1) * 24 + 1)}
        for at in sorted(hours | week.daemons.times(end)):
            week.daemons.clock.at = max(at, week.now)
            for what, source_id in plan.pop(at, ()):
                _happen(week, what, source_id)
            _until_quiet(week)
            _look(week)
            if at.hour == 0 and at.minute == 0 and at > FIRST:
                week.megabytes.append(psutil.Process().memory_info().rss / 1e6)
        _look_back(week, folder)
    return week.score


@contextmanager
def _begun(world: World, folder: Path, chance: Random) -> Iterator[Week]:
    """A first release by command, and the daemons on it."""
    folder.mkdir(exist_ok=True)
    with served({s: world.data(s) for s in world.tables}, folder) as live:
        for source_id, cadence in CADENCES.items():
            publisher, _, dataset = source_id.partition("__")
            path = live.publishers / publisher / f"{dataset}.yml"
            declared = yaml.safe_load(path.read_text(encoding="utf-8")) | {"cadence": cadence}
            path.write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
        here = Warehouse(DataPaths(folder / "data"), publishers=live.publishers)
        environment = _run(here)
        forget = partial(retention.forget_old_runs, keep=KEEP_RUNS)
        with mock.patch.dict("os.environ", environment):
            instance.prepare(here.paths)
        with (
            mock.patch.object(retention, "forget_old_runs", forget),
            daemons(environment, Clock(FIRST)) as running,
        ):
            yield Week(here, live, world, running, chance)


def _run(here: Warehouse) -> dict[str, str]:
    """`wcn run` as a process of its own, which takes no memory of this one; its environment."""
    environment = here.environment | {"NO_PROXY": "*"}
    subprocess.run([*WCN, "run"], cwd=ROOT, env=environment, check=True, capture_output=True)
    return environment


def _plan(days: int, chance: Random) -> dict[datetime, list[tuple[str, str]]]:
    """When what happens to which source: on the first day a revision, an outage and a kill."""
    plan: dict[datetime, list[tuple[str, str]]] = defaultdict(list)
    for day in range(days):
        midnight = FIRST + timedelta(days=day)
        for _ in range(0 if day % 4 == 3 else chance.choice((1, 1, 2))):
            at = midnight + timedelta(hours=chance.randrange(1, 23))
            plan[at].append(("revised", chance.choice(sorted(_REVISED))))
        if day % 2 == 0:
            plan[midnight + timedelta(hours=chance.randrange(24))].append(("killed", ""))
        trouble, source_id = list(_TROUBLES)[day % len(_TROUBLES)], chance.choice(sorted(CADENCES))
        begins = midnight + timedelta(hours=chance.randrange(3))
        lasts = 7 if trouble == "silent" else chance.randrange(4, 24)
        plan[begins].append((trouble, source_id))
        plan[begins + timedelta(hours=lasts)].append(("well again", source_id))
    for source_id in CADENCES:
        plan[FIRST + timedelta(days=days)].append(("well again", source_id))
    return plan


def _happen(week: Week, what: str, source_id: str) -> None:
    if what == "killed":
        # The first is killed before it says that it has begun.
        week.to_kill.append(week.chance.uniform(0.5, 7) if week.happened.count("killed") else 0.2)
    elif what == "revised":
        column, rows = _REVISED[source_id]
        row = week.world.tables[source_id][week.chance.choice(rows)]
        decimals = len(row[column].partition(".")[2])
        row[column] = f"{float(row[column]) * week.chance.choice((0.98, 1.02)):.{decimals}f}"
        week.live.contents[source_id] = week.world.data(source_id)
    else:
        week.live.status[source_id], week.live.delay[source_id] = _TROUBLES.get(what, (200, 0.0))
    if what != "well again":
        week.happened.append(what)


def _until_quiet(week: Week) -> None:
    """Turn until nothing is under way and nothing more is asked for."""
    until, quiet = time.monotonic() + 150, False
    while not quiet:
        before = week.daemons.unfinished()
        week.daemons.turn()
        after = week.daemons.unfinished()
        quiet = not before and not after
        if after:
            _kill_one(week, after)
            time.sleep(0.5)
        if not quiet:
            week.daemons.clock.at += timedelta(seconds=30)
        if time.monotonic() > until:
            raise AssertionError(f"{week.now}: no end of {[(r.job_name, r.status) for r in after]}")


def _kill_one(week: Week, runs: list[DagsterRun]) -> None:
    """Have a run killed that has just been launched."""
    for run in runs:
        process = Launcher.processes.get(run.run_id)
        if week.to_kill and process and run.run_id not in week.killed:
            week.killed.add(run.run_id)
            threading.Timer(week.to_kill.pop(), process.kill).start()


def _look(week: Week) -> None:
    """What must hold whenever nothing is under way."""
    for run in week.daemons.instance.get_runs():
        if run.run_id not in week.ended:
            _look_at_run(week, run)
    for state in week.daemons.instance.all_instigator_state():
        for tick in week.daemons.instance.get_ticks(
            state.instigator_origin_id,
            state.selector_id,
            limit=20,
            statuses=[TickStatus.SUCCESS, TickStatus.FAILURE],
        ):
            error = tick.error.message if tick.error else "no error"
            week.fault(not tick.is_failure, f"{state.instigator_name}: {error}")
            week.fault(set(tick.run_ids) <= week.ended.keys(), f"a run is lost: {tick.run_ids}")
    _look_at_release(week)
    kept = week.daemons.instance.get_runs_count()
    week.fault(kept <= KEEP_RUNS + len(CADENCES) + 10, f"{kept} runs are kept")


def _look_at_run(week: Week, run: DagsterRun) -> None:
    week.ended[run.run_id] = run.status
    Launcher.processes.pop(run.run_id).join(30)
    if run.run_id in week.killed and run.is_success:
        week.killed.remove(run.run_id)  # it was quicker: another one, then
        week.to_kill.append(1.0)
    elif run.run_id in week.killed:
        week.last_kill = week.now
    right = DagsterRunStatus.FAILURE if run.run_id in week.killed else DagsterRunStatus.SUCCESS
    week.fault(run.status == right, f"{run.job_name} {run.run_id} ended as {run.status}")
    week.score.count("killed" if run.run_id in week.killed else run.job_name)


def _look_at_release(week: Week) -> None:
    sources = week.here.current["build"]["sources"]
    for source_id, contents in ((s, o["contents"]) for s, o in sources.items()):
        snapshot = stored_snapshot(week.here.paths, source_id)
        ids = sorted(c.content_id for c in snapshot.contents) if snapshot else []
        week.contents += ids != week.obtained.setdefault(source_id, ids)
        week.obtained[source_id] = ids
        _look_at_source(week, source_id, contents)
    faults = week.here.store.verify_pointer()
    ((counted, unbalanced),) = week.here.query(_BALANCED)
    week.fault(not faults and counted and not unbalanced, f"{faults}, {unbalanced} not balanced")


def _look_at_source(week: Week, source_id: str, contents: list[dict[str, Any]]) -> None:
    """How long its present content has waited for its release, in hours when it can be had."""
    now = sha256(week.live.contents[source_id]).hexdigest()
    away = week.live.status.get(source_id, 200) != 200 or week.live.delay.get(source_id, 0) > 5
    if away or [c["sha256"] for c in contents] == [now]:
        week.waiting.pop(source_id, None)
        return
    since = week.waiting.setdefault(source_id, week.now)
    allowed = AFTER_A_KILL if week.last_kill >= since else HOURS
    waited = (week.now - since).total_seconds() / 3600
    week.slowest[allowed] = max(week.slowest[allowed], waited)
    # Said once, in its first hour.
    week.fault(not allowed < waited <= allowed + 1, f"{source_id} waits for {waited:.0f} h")


def _look_back(week: Week, folder: Path) -> None:
    """Every release is sound and has something new, and the last one is as if it were the first."""
    store = week.here.store
    before: dict[str, Any] = {}
    for version in (versions := sorted(store.versions())):
        sources = store.manifest(version)["build"]["sources"]
        now = {s: [c["content_id"] for c in o["contents"]] for s, o in sources.items()}
        week.fault(now != before, f"{version} has nothing new")
        week.score.faults += store.verify(version)
        before = now
    week.fault(before == week.obtained, "what was obtained is not what is released")
    week.fault(not week.waiting, f"in the end not released: {week.waiting}")
    again = Warehouse(DataPaths(folder / "again"), publishers=week.live.publishers)
    _run(again)
    tables = set(different(week.here, again)) - _OF_FETCHES
    week.fault(not tables, f"a new warehouse has other rows in {sorted(tables)}")
    happened = ", ".join(f"{n} {h}" for h, n in Counter(week.happened).items() if h != "killed")
    first, last = week.megabytes[0], week.megabytes[-1]
    week.fault(last - first <= MEGABYTES, f"{last - first:.0f} MB more after the first day")
    usual, killed = week.slowest[HOURS], week.slowest[AFTER_A_KILL]
    week.score.aside = (
        f"; meanwhile {happened}; {week.contents} new contents in {len(versions) - 1} releases,"
        f" after at most {usual:.0f} h, or {killed:.0f} h where a run was killed; the process that"
        f" looks had {first:.0f} MB after the first day, {last:.0f} MB after the last"
    )
