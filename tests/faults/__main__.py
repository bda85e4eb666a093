"""`python -m tests.faults`: everything that may go wrong, in numbers; writes the scorecard.

    python -m tests.faults                        as the docs have it
    python -m tests.faults --kills 500 --bodies 50000 --days 0     0: leave it out

Belongs here: how much of each, and the page. Does not belong here: the faults.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from random import Random

import matplotlib as mpl

from core.paths import DataPaths
from core.settings import ROOT
from core.worker import Worker
from tests.faults import days as years
from tests.faults import kept, keys, recorded, releases, week
from tests.faults.payloads import payloads
from tests.faults.reading import SEEDS, Outcome, Seed, read
from tests.faults.score import Score
from tests.fixtures import world as generator
from tests.fixtures.warehouse import Warehouse

PAGE = ROOT / "docs" / "explanation" / "scorecard.md"
CURVE = PAGE.with_name("four_hundred_days.svg")
_DAYS = "## Day by day"
# The order of the page.
_ROWS = [
    f"| {what}"
    for what in (
        "hostile bodies, by name",
        "good bodies, spoilt at random",
        "recorded bodies, spoilt at random",
        "a service repeats our key",
        "prune and rollback at once",
        "runs of a week by schedules and sensors",
        "a run, or a process of its own, is killed",
        "one bit of a release is flipped",
        "readers open the current release while the pointer moves",
        "tables of a release built again elsewhere",
        "days of refreshes",
    )
]


def main() -> None:
    """Run what was asked for, write the page, and end with 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--bodies", type=int, default=2000)
    parser.add_argument("--recordings", type=Path, default=recorded.RECORDINGS)
    parser.add_argument("--races", type=int, default=100)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--reading-seconds", type=float, default=20)
    parser.add_argument("--week", type=int, default=7, help="its days")
    parser.add_argument("--days", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE)
    chosen = parser.parse_args()
    scores: list[Score] = []
    lived = None

    def note(score: Score) -> None:
        scores.append(score)
        print(score.line(), flush=True)
        for fault in score.faults[:10]:
            print(f"    {fault}", flush=True)

    with tempfile.TemporaryDirectory(prefix="wcn-faults-") as name:
        folder = Path(name)
        if chosen.bodies:
            note(_named(folder))
            paths = DataPaths(folder / "spoilt").create()
            note(_spoilt("good", SEEDS, paths, chosen.bodies, chosen.seed))
            if chosen.recordings.is_dir():
                real = recorded.real(paths, chosen.recordings)
                score = _spoilt("recorded", real.taken, paths, chosen.bodies, chosen.seed)
                score.aside = real.described
                note(score)
            note(keys.repeated(folder / "keys"))
        if chosen.races:
            note(releases.races(chosen.races, folder / "races"))
        world = generator.make()
        if chosen.week:
            # In a process of its own: its memory is measured.
            living = Worker()
            note(living.call(week.live, world, chosen.week, folder / "week", chosen.seed))
            living.end()
        here = Warehouse(DataPaths(folder / "data"))
        here.run(world.write(folder / "first"))
        if chosen.days:
            lived = years.live(here, world, chosen.days, folder, chosen.seed)
            note(lived.score)
        if chosen.kills:
            note(releases.kills(here, world, chosen.kills, folder / "kills", chosen.seed))
            note(releases.flips(here, chosen.flips, folder, chosen.seed))
            note(releases.readers(here, chosen.reading_seconds))
            note(releases.replay(here, folder))
    if lived:
        _draw(lived.days)
    _write(chosen.page, scores, lived)
    sys.exit(any(s.faults for s in scores))


def _named(folder: Path) -> Score:
    score, paths = Score("hostile bodies, by name"), DataPaths(folder / "named").create()
    with score.timed():
        for seed, name, body in payloads():
            outcome = read(paths, SEEDS[seed], body)
            score.count(_ending(outcome))
            score.expect(outcome.ending == "refused", f"{seed}, {name}: {outcome}")
    return score


def _spoilt(
    which: str, seeds: Mapping[str, Seed], paths: DataPaths, count: int, number: int
) -> Score:
    score, chance = Score(f"{which} bodies, spoilt at random"), Random(number)
    with score.timed():
        for _ in range(count):
            seed, draw = seeds[chance.choice(sorted(seeds))], chance.getrandbits(48)
            body = kept.drawn(seed, draw)
            outcome = read(paths, seed, body)
            score.count(_ending(outcome))
            # The page has no word of a body: it may be another's work.
            score.expect(not outcome.fault, f"{seed.name}, draw {draw}: {outcome.fault}")
            if outcome.fault:
                kept.keep(seed, draw, body)
    return score


def _ending(outcome: Outcome) -> str:
    if outcome.ending == "accepted":
        return "read whole, with other texts"
    if "has died" in outcome.said or "no answer within" in outcome.said:
        return "refused: its reader was ended"
    return "refused" if outcome.ending == "refused" else "crashed the run"


def _draw(days: list[years.Day]) -> None:
    mpl.use("svg")
    import matplotlib.pyplot as plt

    figure, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(9, 6), layout="constrained")
    numbers = [d.number for d in days]
    built = [d for d in days if d.released]
    above.plot([d.number for d in built], [d.seconds for d in built], ".", markersize=3)
    above.set(ylabel="seconds of a refresh", ylim=(0, None))
    parts = sorted(days[-1].megabytes, key=lambda p: -days[-1].megabytes[p])[:5]
    for part in parts:
        below.plot(numbers, [d.megabytes.get(part, 0.0) for d in days], label=part)
    below.set(ylabel="megabytes of the data home", xlabel="day", ylim=(0, None))
    below.legend(loc="upper left", ncols=len(parts))
    # Equal data, equal bytes.
    mpl.rcParams["svg.hashsalt"] = "days"
    figure.savefig(CURVE, metadata={"Date": None})


def _write(page: Path, scores: list[Score], lived: years.Life | None) -> None:
    """The page, with what was done now in the place of what was done before."""
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    when = f"{datetime.now(UTC):%Y-%m-%d}, {_commit()}"
    rows = {row.split(" | ")[0]: row for row in re.findall(r"^\| .* \|$", before, re.M)[1:]}
    rows = {what: row for what, row in rows.items() if row.count(" | ") == 5 and what in _ROWS}
    rows |= {f"| {score.what}": score.line(when) for score in scores}
    libraries = ", ".join(f"{n} {version(n)}" for n in ("duckdb", "dbt-core", "pyarrow"))
    days = before.partition(_DAYS)
    lines = [
        "# Fault scorecard",
        "",
        "What was done to this software on purpose, and how it ended. Written by",
        "`python -m tests.faults`; the tests of every change do a part of it. A fault is whatever",
        "should not be: a run that ended, data taken from a hostile body, a row lost, a release",
        "that readers could not open or that was not the one they asked for.",
        "",
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()},"
        f" Python {platform.python_version()}, {libraries}.",
        "",
        "| what was done | times | how it ended | faults | seconds | when, commit |",
        "|---|---|---|---|---|---|",
        *(rows[what] for what in _ROWS if what in rows),
        "",
        *[f"* {fault}" for score in scores for fault in score.faults[:20]],
        *(_of_days(lived.days) if lived else ["".join(days[1:]).rstrip()]),
    ]
    page.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _commit() -> str:
    asked = ["git", "rev-parse", "--short", "HEAD"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"


def _of_days(days: list[years.Day]) -> list[str]:
    built = [d for d in days if d.released]
    tenth = max(1, len(built) // 10)
    first, last = built[:tenth], built[-tenth:]

    def mean(part: list[years.Day]) -> float:
        return sum(d.seconds for d in part) / len(part)

    return [
        _DAYS,
        "",
        f"{len(days)} refreshes of the invented world of the tests (60 cities, seven sources),",
        f"{len(built)} of which made a release; every {years.PRUNED_EVERY} days all but the newest",
        f"{years.KEEP} were pruned. In the end each day was asked for as readers saw it then.",
        "",
        f"![Seconds and megabytes, day by day]({CURVE.name})",
        "",
        f"A refresh that made a release took {mean(first):.1f} s in the first tenth of them and"
        f" {mean(last):.1f} s in the last.",
        "",
        "| part of the data home | after the first day, MB | after the last, MB |",
        "|---|---|---|",
        *(
            f"| `{part}/` | {days[0].megabytes.get(part, 0):.1f} | {size:.1f} |"
            for part, size in days[-1].megabytes.items()
        ),
        "",
        "`landing/` and `raw/` grow with every new edition until they are pruned"
        " (`wcn doctor prune-landed`).",
        "`releases/` holds the kept releases, and the history of all values, which grows by what",
        "was revised.",
    ]


if __name__ == "__main__":
    main()
