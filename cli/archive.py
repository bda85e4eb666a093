"""`wcn archive`: the bytes of a release, to repeat the run elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from sources.landing import export
from sources.receipt import Receipt
from warehouse.project import Project


@click.command()
@click.argument("folder", type=click.Path(file_okay=False))
def archive(folder: str) -> None:
    """Export the bytes of the current release with an index, to repeat the run elsewhere."""
    project = Project.open()
    current = project.releases.current()
    if current is None:
        raise click.ClickException("there is no release yet")
    sources = current["build"]["sources"].values()
    receipts = [Receipt(**c["receipt"]) for s in sources for c in s["contents"]]
    index = export(project.paths, receipts, Path(folder))
    click.echo(f"wcn run --archive {index} --archive-root {folder}")
