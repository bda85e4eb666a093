"""`wcn compare`: cities side by side."""

from __future__ import annotations

import click

from cities.find import likeliest_city
from cli.render.comparison import comparison_report
from cli.render.console import console
from warehouse.project import Project


@click.command()
@click.argument("cities", nargs=-1, required=True)
@click.option("--theme", help="Only concepts of this theme.")
@click.option("--differing", is_flag=True, help="Only what cannot be compared, and why.")
def compare(cities: tuple[str, ...], theme: str | None, differing: bool) -> None:
    """Two CITIES or more: the first beside each other one. A name (NAME,CC) or a GeoNames id.

    Of a name that several cities have, the one is meant that has ten times the people of the next.
    """
    if len(cities) < 2:
        raise click.UsageError("give two cities or more, as in: wcn compare Istanbul Vienna Lagos")
    try:
        with Project.open().releases.opened() as connection:
            found = [likeliest_city(connection, city) for city in cities]
            console().print(comparison_report(connection, found, theme, differing))
    except LookupError as error:
        raise click.ClickException(str(error)) from error
