"""`wcn ui`: the Dagster UI of this project."""

from __future__ import annotations

import os
import sys
from pathlib import Path

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
    os.chdir(ROOT)
    dagster = Path(sys.executable).parent / "dagster"
    arguments = [str(dagster), "dev", "-w", "workspace.yaml", "-p", str(port)]
    os.execv(str(dagster), arguments)  # noqa: S606
