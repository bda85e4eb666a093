"""`wcn trace`: where a figure comes from."""

from __future__ import annotations

import click

from cli.render.console import console
from cli.render.trace import trace_report
from warehouse.project import Project


@click.command()
@click.argument("city")
@click.argument("indicator")
@click.argument("year", type=int, required=False)
def trace(city: str, indicator: str, year: int | None) -> None:
    """From a figure to its cells, bytes, receipts and raw rows. CITY: a name or a GeoNames id."""
    try:
        console().print(trace_report(Project.open().paths, city, indicator, year))
    except LookupError as error:
        raise click.ClickException(str(error)) from error
