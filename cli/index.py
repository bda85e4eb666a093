"""`wcn index`: indices, their ranks, and what would be if."""

from __future__ import annotations

from pathlib import Path

import click

from catalog.load import read_yaml
from cities.find import likeliest_city
from cli.render.console import console
from cli.render.indices import city_report, index_list, index_report, what_if_report
from warehouse.project import Project
from warehouse.what_if import what_if


@click.group()
def index() -> None:
    """Indices: ranks with intervals, what they are made of, and what if."""


@index.command()
@click.argument("code", required=False)
@click.option("--year", type=int, help="A year of the index; without it, the last.")
@click.option("--city", help="One city: its scores, what adds to them, its peers.")
@click.option("--top", default=20, show_default=True, help="How many ranks.")
def show(code: str | None, year: int | None, city: str | None, top: int) -> None:
    """All indices, or the ranks of the one called CODE, with intervals as bars."""
    try:
        with Project.open().releases.opened() as connection:
            if code is None:
                report = index_list(connection)
            elif city is None:
                report = index_report(connection, code, year, top)
            else:
                report = city_report(connection, code, year, likeliest_city(connection, city))
            console().print(report)
    except LookupError as error:
        raise click.ClickException(str(error)) from error


@index.command()
@click.argument("code")
@click.option("--year", type=int, help="A year of the index; without it, the last.")
@click.option(
    "--weights",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A YAML file of nodes and their weights, each against its neighbours.",
)
@click.option(
    "--set", "changed", multiple=True, metavar="CITY.INDICATOR=VALUE", help="Another value."
)
@click.option("--top", default=20, show_default=True, help="How many ranks.")
def score(
    code: str, year: int | None, weights: Path | None, changed: tuple[str, ...], top: int
) -> None:
    """Ranks of the index CODE with other weights or values. The project and the release stay."""
    try:
        with Project.open().releases.opened() as connection:
            values = dict(_changed(text) for text in changed)
            cities = {city: likeliest_city(connection, city) for city, _ in values}
            found = what_if(
                connection,
                code,
                year,
                weights={} if weights is None else _weights(weights),
                values={
                    (cities[city][0], indicator): value
                    for (city, indicator), value in values.items()
                },
            )
            console().print(what_if_report(connection, found, top, [i for i, _ in cities.values()]))
    except LookupError as error:
        raise click.ClickException(str(error)) from error


def _weights(path: Path) -> dict[str, float]:
    said = read_yaml(path)
    for node, weight in said.items():
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise click.UsageError(f"{path}: expected a number as the weight of {node}: {weight!r}")
    return {str(node): float(weight) for node, weight in said.items()}


def _changed(text: str) -> tuple[tuple[str, str], float | None]:
    cell, _, value = text.rpartition("=")
    # A city may have a dot (St. Louis), and so may a measure (air_routes.degree).
    city, _, indicator = cell.partition(".")
    while "." in indicator and " " in indicator:
        more, _, indicator = indicator.partition(".")
        city = f"{city}.{more}"
    try:
        number = float(value) if value else None
    except ValueError:
        number = None
        city = ""
    if not (city and indicator):
        raise click.UsageError(
            f"--set: expected CITY.INDICATOR=VALUE, found {text!r}; for example"
            " Vienna.commute_time=20, or Vienna.commute_time= for no value"
        )
    return (city, indicator), number
