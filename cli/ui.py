"""`wcn ui`: the Dagster UI of this project."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

from core.settings import DOCUMENTATION, ROOT
from orchestration import instance
from warehouse import dbt
from warehouse.project import Project


@click.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """The Dagster UI: the asset graph, schedules, sensors, checks."""
    project = Project.open()
    instance.prepare(project.paths)
    dbt.prepare(project)
    click.echo(f"documentation: `make docs` builds it, `wcn docs` serves it at {DOCUMENTATION}")
    daemon = Path(sys.executable).parent / "dagster-daemon"
    workspace = ("-w", "workspace.yaml")
    _serve(
        # Not `dagster dev`: its webserver answers under every name.
        [sys.executable, "-m", "orchestration.webserver", *workspace, "-p", str(port)],
        [str(daemon), "run", *workspace],
    )


def _serve(*services: list[str]) -> None:
    """Run services side by side until one ends or this process is told to; then end them all."""
    signal.signal(signal.SIGTERM, _end)
    running = [subprocess.Popen(s, cwd=ROOT) for s in services]  # noqa: S603 - named in code
    try:
        while all(p.poll() is None for p in running):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass  # the terminal has told them as well
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
