"""Faults of a data home that holds releases: kills, races, flipped bytes, readers, a replay.

Belongs here: these five, each with its score. Does not belong here: hostile bytes (`payloads`),
long years (`days`).
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import duckdb

from core.errors import ReleaseRefused
from core.paths import DataPaths
from core.settings import ROOT
from core.worker import Worker
from releases import integrity, pointer
from releases.store import ReleaseStore
from tests.faults.score import Score
from tests.fixtures import releases as small
from tests.fixtures import world as w
from tests.fixtures.warehouse import WCN, Warehouse
from tests.fixtures.world import World

# Tables of which one column carries the version of the release, or the time of a move.
OF_RELEASES = {"dim_city_code", "dim_city_history", "dim_release"}
OF_RELEASES |= {"fct_observation_history_current", "fct_observation_history_ended"}
_VERSIONS = [f"2026010{n}T000000Z-aaaaaaa{n}" for n in (1, 2, 3)]


def revised(world: World, number: int) -> World:
    """The world after one more revision: one figure of the yearbook is another."""
    later = world.changed()
    row = later.tables[w.YEARBOOK][later.yearbook_row(50, 2001 + number % 20)]
    row[3] = str(round(float(row[3]) * (1 + (number + 1) / 10_000), 3))
    return later


def kills(here: Warehouse, world: World, count: int, folder: Path, seed: int = 1) -> Score:
    """Runs with something new, each met by SIGKILL: it, or a process that works for it.

    Of three runs one dies at a random moment of its life, one while it writes a release, and one
    loses a random process of its own (dbt, Great Expectations, a reader of files).
    """
    score, chance = Score("a run, or a process of its own, is killed"), random.Random(seed)
    with score.timed():
        began = time.monotonic()
        here.run(revised(world, count).write(folder / "first"))
        longest = time.monotonic() - began
        for number in range(count):
            index = revised(world, number).write(folder / f"killed{number % 2}")
            archive = ("--archive", str(index), "--archive-root", str(index.parent), "--offline")
            process = subprocess.Popen(
                [*WCN, "run", *archive],
                cwd=ROOT,
                env=here.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            score.count(_killed(here, process, number % 3, longest, chance))
            for fault in _unsound(here):
                score.faults.append(f"kill {number}: {fault}")
        here.run(index)
        score.expect(not _unsound(here), "the run after all kills left a fault")
        fresh = replace(here, paths=DataPaths(folder / "fresh"))
        fresh.run(index)
        for table in different(here, fresh):
            score.faults.append(f"after all kills, {table} is not what a fresh home has")
    return score


def _killed(
    here: Warehouse,
    process: subprocess.Popen[bytes],
    kind: int,
    longest: float,
    chance: random.Random,
) -> str:
    """How it ended for a run that was met by a kill of this kind."""
    if kind == 1:
        while process.poll() is None and not any(here.paths.releases.glob(".making-*")):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.3))
    else:
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, longest))
    if process.poll() is not None:
        return "was through before"
    if kind == 2:
        # By thread: readers of files are begun by others than the first.
        threads = Path(f"/proc/{process.pid}/task").glob("*/children")
        own = [child for thread in threads for child in thread.read_text().split()]
        if own:
            os.kill(int(chance.choice(own)), signal.SIGKILL)
        ended = "went on without one of its processes" if process.wait() == 0 else "said so"
        return f"lost a process, and {ended}" if own else "had no process of its own yet"
    process.kill()
    process.wait()
    return "died while it wrote a release" if kind == 1 else "died at a random moment"


def _unsound(here: Warehouse) -> list[str]:
    """What readers of the current release would meet, or the next writer."""
    now = here.current["version"]
    found = here.store.verify(now) + here.store.verify_pointer()
    if now not in here.store.versions():
        found.append(f"{now} is current and no release")
    balance = here.query(
        """select count(*) from (
            select source_id, any_value(cells_read) as cells_read, sum(cells) as cells
            from fct_row_ledger group by source_id
        ) where cells_read != cells"""
    )
    if balance != [(0,)]:
        found.append(f"rows are lost in {balance[0][0]} sources")
    return found


def different(one: Warehouse, other: Warehouse) -> list[str]:
    """Public tables whose rows are not the same; but for those that carry the release."""
    mine, theirs = one.current["tables"], other.current["tables"]
    return sorted(
        table
        for table in (mine.keys() | theirs.keys()) - OF_RELEASES
        if mine.get(table, {}).get("logical_hash") != theirs.get(table, {}).get("logical_hash")
    )


def races(count: int, folder: Path) -> Score:
    """Prune and rollback at once, in stores of three small releases."""
    score, back = Score("prune and rollback at once"), _VERSIONS[0]
    workers = Worker(__name__), Worker(__name__)
    with score.timed(), ThreadPoolExecutor(2) as both:
        for number in range(count):
            here = ReleaseStore(folder / str(number))
            for version in _VERSIONS:
                small.publish(here.folder, version, {1: 1.0})
            tasks = (workers[0], _prune, ()), (workers[1], _rollback, (back,))
            # Who starts first changes from race to race.
            racing = [
                both.submit(worker.call, task, here.folder, *further)
                for worker, task, further in tasks[:: 1 - 2 * (number % 2)]
            ]
            for task in racing:
                task.result()
            now = str(pointer.current(here.folder))
            score.count("rolled back, then pruned" if now == back else "pruned first")
            score.expect(now in here.versions(), f"race {number}: current is {now}, which is gone")
            for fault in here.verify_pointer() + integrity.changed_bytes(here.folder, now):
                score.faults.append(f"race {number}: {fault}")
            left = [p.name for p in here.folder.glob(".going-*")]
            score.expect(not left, f"race {number}: {left} were left")
    return score


def _prune(folder: Path) -> None:
    ReleaseStore(folder).prune(1)


def _rollback(folder: Path, version: str) -> None:
    try:
        ReleaseStore(folder).rollback(version, "a race")
    except (FileNotFoundError, ReleaseRefused):
        return  # it was pruned first


def flips(here: Warehouse, count: int, folder: Path, seed: int = 2) -> Score:
    """One bit of one file of a release is another: `verify` must say so."""
    score, chance = Score("one bit of a release is flipped"), random.Random(seed)
    copied = folder / "flipped"
    shutil.copytree(here.paths.releases, copied, symlinks=True)
    version = str(pointer.current(copied))
    files = sorted(p for p in (copied / version).rglob("*") if p.is_file())
    store = ReleaseStore(copied)
    with score.timed():
        for number in range(count):
            path = files[number % len(files)]
            path.chmod(0o644)
            content = path.read_bytes()
            at = chance.randrange(len(content))
            other = bytes([content[at] ^ 1 << chance.randrange(8)])
            path.write_bytes(content[:at] + other + content[at + 1 :])
            found = store.verify(version)
            score.count("detected" if found else "not seen")
            score.expect(bool(found), f"byte {at} of {path.name} was flipped unseen")
            path.write_bytes(content)
            path.chmod(0o444)
    return score


def readers(here: Warehouse, seconds: float) -> Score:
    """Readers open the current release again and again while the pointer moves."""
    score = Score("readers open the current release while the pointer moves")
    versions = here.store.versions()
    counted = {
        v: here.query("select count(*), sum(obs_value) from fct_observation", version=v)[0]
        for v in versions
    }
    until = time.monotonic() + seconds
    with score.timed(), ThreadPoolExecutor(2) as pool:
        reading = [pool.submit(Worker(__name__).call, _read, here.paths, seconds) for _ in "ab"]
        moves = 0
        while time.monotonic() < until:
            here.store.rollback(versions[moves % 2], "a reader looks")
            moves += 1
            time.sleep(0.01)
        for result in reading:
            for version, figures in result.result():
                score.count("one release")
                score.expect(counted.get(version) == figures, f"{version} with {figures}")
    score.aside = f"; the pointer moved {moves:,} times"
    return score


def _read(paths: DataPaths, seconds: float) -> list[tuple[str, tuple[float, ...]]]:
    found, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        path = str(paths.releases / "current" / "warehouse.duckdb")
        with duckdb.connect(path, read_only=True) as connection:
            (version,) = connection.execute("select release from dim_release").fetchone() or ("",)
            figures = connection.execute(
                "select count(*), sum(obs_value) from fct_observation"
            ).fetchone()
            found.append((version, figures or ()))
    return found


def replay(here: Warehouse, folder: Path) -> Score:
    """The bytes of a release, taken elsewhere and built again: the same tables by hash."""
    score = Score("tables of a release built again elsewhere")
    with score.timed():
        here.wcn("archive", str(folder / "exported"))
        elsewhere = replace(here, paths=DataPaths(folder / "elsewhere"))
        elsewhere.run(folder / "exported" / "index.csv")
        other = different(here, elsewhere)
        for table in sorted(here.current["tables"].keys() - OF_RELEASES):
            score.count("other" if table in other else "equal")
        score.faults += [f"{table} is another elsewhere" for table in other]
    return score
