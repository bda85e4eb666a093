"""`wcn audit`: how often a published figure is wrong, and a withheld one right."""

from __future__ import annotations

from pathlib import Path

import click
import duckdb

from cli.render.audit import rates_view
from cli.render.console import console
from cli.render.plain import say
from releases import figure_audit
from warehouse.project import Project


@click.group()
def audit() -> None:
    """A draw of figures that a person judges, and the rates that follow."""


@audit.command()
@click.option("--published", default=400, show_default=True, help="Published cells to draw.")
@click.option("--withheld", default=200, show_default=True, help="Rejected or withheld cells.")
@click.option("--seed", default=1, show_default=True, help="Another one draws other cells.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def draw(file: Path, published: int, withheld: int, seed: int) -> None:
    """Write a table of cells to judge into FILE (CSV). Fill in `verdict`: right, wrong, unclear."""
    if file.exists():
        raise click.ClickException(f"{file} exists, perhaps with verdicts; name another file")
    project = Project.open()
    release = project.paths.releases / "current" / "warehouse.duckdb"
    if not release.exists():
        raise click.ClickException("there is no release yet: run `wcn run` first")
    with duckdb.connect(str(release), read_only=True) as connection:
        lines = figure_audit.draw(connection, project.paths.raw, published, withheld, seed)
    figure_audit.write(file, lines)
    say(f"{len(lines)} cells in {file}: fill in `verdict`, then `wcn audit score {file}`")


@audit.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def score(file: Path) -> None:
    """Rates with 95 % intervals from the verdicts in FILE."""
    try:
        rates = figure_audit.score(figure_audit.read(file))
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    console().print(rates_view(rates))
