"""Steps of an analysis, each beside a named floor, in a process of its own.

Belongs here: the clock, the table, the process. Does not belong here: what is measured
(`benchmarks.networks`, `benchmarks.indices`).
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from core.settings import ROOT


def main(title: str, module: str, parts: Mapping[str, Callable[[Steps], None]]) -> None:
    """Measure each part in a process of its own, so that its peak memory is its own; print a table.

    Called with the name of a part, it is that process.
    """
    if len(sys.argv) > 1:
        noted = Steps()
        parts[sys.argv[1]](noted)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(json.dumps({"steps": noted.rows, "peak": peak}))
        return
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    for head in ("of", "step", "s", "processor s", "gives", "floor", "s"):
        table.add_column(head, justify="left" if head in ("of", "step", "floor") else "right")
    for part in parts:
        said = subprocess.run(
            [sys.executable, "-m", module, part],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        measured = json.loads(said.splitlines()[-1])
        for step in measured["steps"]:
            table.add_row(part, *step)
        table.add_row(part, "peak memory, MB", f"{measured['peak']:,.0f}")
        table.add_section()
    Console(width=120).print(table)


class Steps:
    """Seconds of named steps, and of their floors."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def time(
        self, name: str, make: Callable[[], Any], floor: tuple[str, Callable[[], Any]] | None = None
    ) -> Any:
        """What the step makes; its seconds, and those of its floor, are noted."""
        seconds, processor, made = _timed(make)
        beside = [floor[0], f"{_timed(floor[1])[0]:.2f}"] if floor else ["", ""]
        gives = f"{made.num_rows:,}" if hasattr(made, "num_rows") else ""
        self.rows.append([name, f"{seconds:.2f}", f"{processor:.2f}", gives, *beside])
        return made


def _timed(make: Callable[[], Any]) -> tuple[float, float, Any]:
    began, spent = time.perf_counter(), time.process_time()
    made = make()
    return time.perf_counter() - began, time.process_time() - spent, made
