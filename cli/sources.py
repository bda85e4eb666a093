"""`wcn sources`: what is declared, whether it is sound, and the skeleton of a new declaration."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cli.render.console import console
from cli.render.plain import say
from cli.render.sources import sources_report
from core.errors import SourceError
from warehouse.project import Project


@click.group(invoke_without_command=True)
@click.pass_context
def sources(context: click.Context) -> None:
    """Every declared source: theme, cities, years, last fetch, licence, next due, state."""
    if context.invoked_subcommand is None:
        project = Project.open()
        console().print(sources_report(project.paths, project.catalog))


@sources.command()
def check() -> None:
    """Fail unless every declaration is sound: sources, indicators, networks."""
    catalog = Project.open().catalog
    for fault in catalog.faults:
        say(str(fault), err=True)
    if catalog.faults:
        raise click.ClickException(f"{len(catalog.faults)} broken declarations")
    say(f"{len(catalog.sources)} sources, all sound")


@sources.command()
@click.argument("source_id", metavar="PUBLISHER__DATASET")
@click.argument("sample", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def new(source_id: str, sample: Path) -> None:
    """Write the skeleton of a declaration from a SAMPLE file, for a person to complete."""
    from sources.skeleton import skeleton

    publisher, _, dataset = source_id.partition("__")
    if not re.fullmatch(r"[a-z0-9_]+?__[a-z0-9_]+", source_id) or not dataset:
        raise click.UsageError("a source id is <publisher>__<dataset>, in small letters")
    target = Project.open().settings.publishers / publisher / f"{dataset}.yml"
    if target.exists():
        raise click.ClickException(f"{target} is there already; it is not written over")
    try:
        text = skeleton(source_id, sample)
    except SourceError as error:
        raise click.ClickException(str(error)) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    say(f"wrote {target}; the catalogue refuses it until nothing says TO_BE_NAMED")
