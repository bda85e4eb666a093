"""`python -m benchmarks [--scale 1 10 100]`: how long each step takes, beside what it could take.

Every phase runs in a process and a data home of its own below one temporary folder, so that a step
that does not fit into memory or time is a cell of the table and not the end of it. Timings depend
on the machine: nothing here passes or fails, except that at 1× dbt and the floor must agree.

Belongs here: running phases and showing what they wrote down. Does not belong here: the phases.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.clock import Clock
from core.settings import ROOT

# One panel grows; gazetteer, airports and climate stay as they are.
_READ = ("read", "floor_read")
_BUILD = ("build", "floor", "verify", "scope")
# step → the entries it is made of, and the floor it is measured against
_ROWS: dict[str, tuple[str, tuple[str, ...], tuple[str, str] | None]] = {
    "decode (file → table.parquet)": ("read", ("decode", "write table"), ("floor_read", "decode")),
    "conform (table → cells.parquet)": (
        "read", ("conform", "write cells"), ("floor_read", "conform"),
    ),
    "count facts of a content": ("read", ("facts",), None),
    "start: imports, dbt parse": ("build", ("start",), None),
    "dbt, a selection of nothing": ("build", ("an empty selection",), ("floor", "floor")),
    "dbt stage": ("build", ("stage",), None),
    "cities resolution": ("build", ("cities",), None),
    "dbt observe": ("build", ("observe",), None),
    "series gate": ("build", ("series gate",), None),
    "dbt model": ("build", ("model",), None),
    "dbt, all three": ("build", ("stage", "observe", "model"), ("floor", "floor")),
    "dbt, what the floor makes": ("scope", ("in scope",), ("floor", "floor")),
    "candidate gate": ("build", ("candidate gate",), None),
    "release": ("build", ("release",), ("floor", "release")),
}  # fmt: skip
# A machine that begins to swap measures nothing, and others work on it.
_SPARE_BYTES = 1 << 30


@dataclass
class Run:
    """What was measured at one scale: the best of its repetitions, by phase and step."""

    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    processor: dict[tuple[str, str], float] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    """phase → why it ended early"""
    nodes: dict[str, tuple[str, float]] = field(default_factory=dict)
    facts: dict[tuple[str, str], Any] = field(default_factory=dict)
    compared: list[dict[str, Any]] = field(default_factory=list)
    peak: dict[str, int] = field(default_factory=dict)

    def add(self, phase: str, entries: list[dict[str, Any]], peak: int, fault: str | None) -> None:
        """Take what one phase wrote down."""
        self.peak[phase] = max(self.peak.get(phase, 0), peak)
        begun = ""
        for entry in entries:
            begun = entry.get("begun", begun)
            if "step" in entry:
                key = (phase, entry["step"])
                self.seconds[key] = min(self.seconds.get(key, 1e9), entry["seconds"])
                self.processor[key] = min(self.processor.get(key, 1e9), entry["processor"])
                for name, kind, seconds in entry.get("nodes", []):
                    best = min(self.nodes.get(name, ("", 1e9))[1], seconds)
                    self.nodes[name] = (kind, best)
            elif "table" in entry:
                self.compared.append(entry)
            self.facts |= {
                (phase, k): v
                for k, v in entry.items()
                if k in ("cells", "candidate_bytes", "release_bytes", "refused_by")
            }
        if fault:
            self.failures[phase] = f"{begun or 'start'}: {fault}"

    def total(self, phase: str, steps: tuple[str, ...]) -> tuple[float, float] | None:
        """Seconds and processor seconds of the steps together, if all came to an end."""
        keys = [(phase, s) for s in steps]
        if any(k not in self.seconds for k in keys):
            return None
        return sum(self.seconds[k] for k in keys), sum(self.processor[k] for k in keys)


def main() -> None:
    """Run what the command line asks for and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--repeat", type=int, default=3, help="repetitions at 1×; the best counts")
    parser.add_argument("--limit", type=int, default=600, help="seconds that one phase may take")
    chosen = parser.parse_args()
    console = Console(width=max(Console().width, 132))
    runs: dict[int, Run] = {}
    with tempfile.TemporaryDirectory(prefix="wcn-bench-") as folder:
        _, _, fault = _phase("obtain", 1, Path(folder) / "base", chosen.limit)
        if fault:
            sys.exit(f"the bundled sources cannot be obtained: {fault}")
        turns = [s for s in chosen.scale for _ in range(chosen.repeat if s == 1 else 1)]
        for scale in track(turns, "measuring", console=console, transient=True):
            _turn(runs.setdefault(scale, Run()), scale, Path(folder), chosen.limit)
    _show_steps(console, runs)
    _show_offenders(console, runs)
    _show_agreement(console, runs)
    if any(c["dbt"] != c["floor"] for run in runs.values() for c in run.compared):
        sys.exit("dbt and the floor do not give the same rows: the ratio means nothing")


def _turn(run: Run, scale: int, folder: Path, limit: int) -> None:
    for phases in (_READ, _BUILD):
        paths = folder / "home"
        shutil.copytree(folder / "base", paths)
        for phase in phases:
            if phase in ("verify", "scope") and run.failures:
                break
            entries, peak, fault = _phase(phase, scale, paths, limit)
            run.add(phase, entries, peak, fault)
        _delete(paths)


def _phase(
    phase: str, scale: int, paths: Path, limit: int
) -> tuple[list[dict[str, Any]], int, str | None]:
    """Run one phase in a process; returns its entries, peak memory in bytes, and what ended it."""
    paths.mkdir(exist_ok=True)
    written = paths / f"{phase}.jsonl"
    written.unlink(missing_ok=True)
    environment = {**os.environ, "WCN_DATA": str(paths), "PYTHONPATH": str(ROOT)}
    with (paths / f"{phase}.log").open("w+") as log:
        # In memory DuckDB spills into the working directory: let that be the temporary one.
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.phases", phase, str(scale), str(written)],
            cwd=paths, env=environment, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        fault, peak = _watch(process, limit)
        log.seek(0)
        if process.returncode and not fault:
            fault = "killed" if process.returncode < 0 else _last_line(log.read())
    return Clock(written).read(), peak, fault


def _watch(process: subprocess.Popen[bytes], limit: int) -> tuple[str | None, int]:
    ends, fault = time.monotonic() + limit, None
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return fault, usage.ru_maxrss * 1024
        if time.monotonic() > ends:
            fault = fault or f"over {limit} s"
        elif _available() < _SPARE_BYTES:
            fault = fault or "out of memory"
        if fault:
            process.kill()
        time.sleep(0.05)


def _available() -> int:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    return next(int(x.split()[1]) for x in lines if x.startswith("MemAvailable")) * 1024


def _last_line(text: str) -> str:
    lines = [x for x in text.splitlines() if x.strip()]
    said = [x for x in lines if "Error" in x]
    return (said or lines or ["no word"])[-1].strip()[:160]


def _delete(folder: Path) -> None:
    # Releases and blobs are write-protected.
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(folder)


def _show_steps(console: Console, runs: dict[int, Run]) -> None:
    title = "Seconds, cells per second, and processor seconds as times the floor's"
    table = Table(title=title, box=box.SIMPLE_HEAD)
    table.add_column("step")
    for scale in runs:
        for head in (f"{scale}×: s", "cells/s", "× floor"):
            table.add_column(head, justify="right")
    for title, (phase, steps, floor) in _ROWS.items():
        cells = [x for run in runs.values() for x in _measured(run, phase, steps, floor)]
        table.add_row(title, *cells)
    table.add_section()
    for title, phase, what in (
        ("cells: the panel, read", "read", "cells"),
        ("cells: all sources, built", "build", "cells"),
        ("MB: candidate", "build", "candidate_bytes"),
        ("MB: release", "build", "release_bytes"),
    ):
        unit = 1 if what == "cells" else 1e6
        row = [run.facts.get((phase, what)) for run in runs.values()]
        table.add_row(title, *[x for v in row for x in (f"{v / unit:,.0f}" if v else "—", "", "")])
    for phase in (*_READ, *_BUILD[:2]):
        peaks = [f"{run.peak.get(phase, 0) / 1e6:,.0f}" for run in runs.values()]
        table.add_row(f"MB: peak memory of {phase}", *[x for p in peaks for x in (p, "", "")])
    console.print(table)
    for scale, run in runs.items():
        for phase, why in run.failures.items():
            console.print(f"{scale}×: {phase} ended at {why}", markup=False)
        if checks := run.facts.get(("build", "refused_by")):
            console.print(f"{scale}×: gate 2 refuses, as it must: {', '.join(checks)}")


def _measured(
    run: Run, phase: str, steps: tuple[str, ...], floor: tuple[str, str] | None
) -> tuple[str, str, str]:
    taken = run.total(phase, steps)
    beside = run.processor.get(floor) if floor else None
    if taken is None:
        said = "did not end" if phase in run.failures else "—"
        return said, "", f"(of {beside:,.2f} s)" if beside else ""
    seconds, processor = taken
    cells = run.facts.get((phase, "cells"))
    return (
        f"{seconds:,.2f}",
        f"{cells / seconds:,.0f}" if cells else "",
        f"{processor / beside:.1f} ({processor:,.2f} of {beside:,.2f} s)" if beside else "",
    )


def _show_offenders(console: Console, runs: dict[int, Run]) -> None:
    if not any(run.nodes for run in runs.values()):
        return
    table = Table(title="Where dbt spends it (seconds of a node; two run at a time)")
    table.box = box.SIMPLE_HEAD
    table.add_column("node")
    table.add_column("kind")
    for scale in runs:
        table.add_column(f"{scale}×", justify="right")
    largest = max(
        (r for r in runs.values() if r.nodes), key=lambda r: sum(s for _, s in r.nodes.values())
    )
    ranking = sorted(largest.nodes.items(), key=lambda n: -n[1][1])
    for name, (kind, _) in ranking[:20]:
        times = [run.nodes.get(name) for run in runs.values()]
        table.add_row(name, kind, *[f"{t[1]:.2f}" if t else "—" for t in times])
    table.add_section()
    for kind in ("model", "seed", "test"):
        sums = [sum(s for k, s in run.nodes.values() if k == kind) for run in runs.values()]
        table.add_row(f"all {kind}s", kind, *[f"{s:.2f}" for s in sums])
    console.print(table)
    steps = Table(title="Where the floor spends it (seconds)", box=box.SIMPLE_HEAD)
    steps.add_column("statement")
    for scale in runs:
        steps.add_column(f"{scale}×", justify="right")
    names = dict.fromkeys(s for r in runs.values() for p, s in r.seconds if s.startswith("floor: "))
    for name in names:
        times = [run.seconds.get(("floor", name)) for run in runs.values()]
        steps.add_row(name.removeprefix("floor: "), *[f"{t:.2f}" if t else "—" for t in times])
    console.print(steps)


def _show_agreement(console: Console, runs: dict[int, Run]) -> None:
    table = Table(title="The same rows? (1×: logical hash; else row counts)", box=box.SIMPLE_HEAD)
    for head in ("scale", "table", "dbt", "floor", ""):
        table.add_column(head)
    for scale, run in runs.items():
        for c in {c["table"]: c for c in run.compared}.values():
            verdict = "equal" if c["dbt"] == c["floor"] else "DIFFERENT"
            table.add_row(f"{scale}×", c["table"], c["dbt"], c["floor"], verdict)
    console.print(table)


if __name__ == "__main__":
    main()
