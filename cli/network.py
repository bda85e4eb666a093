"""`wcn network`: networks of cities."""

from __future__ import annotations

import click

from cities.find import likeliest_city
from cli.render.console import console
from cli.render.networks import city_report, network_list, network_report
from warehouse.project import Project


@click.group()
def network() -> None:
    """Networks of cities: what they are, who stands out, how one is tied."""


@network.command()
@click.argument("code", required=False)
@click.option("--year", type=int, help="A year of the network; without it, the last.")
@click.option("--city", help="One city: its measures and its strongest ties.")
@click.option("--top", default=20, show_default=True, help="How many ranks or ties.")
def show(code: str | None, year: int | None, city: str | None, top: int) -> None:
    """All networks, or the one called CODE: its shape, its degrees as a plot, its first ranks."""
    try:
        with Project.open().releases.opened() as connection:
            if code is None:
                report = network_list(connection)
            elif city is None:
                report = network_report(connection, code, year, top)
            else:
                found = likeliest_city(connection, city)
                report = city_report(connection, code, year, found, top)
            console().print(report)
    except LookupError as error:
        raise click.ClickException(str(error)) from error
