"""`wcn index`: indices, their ranks, and what would be if."""

from __future__ import annotations

from pathlib import Path

import click
import pyarrow as pa
from pyarrow import csv
from pydantic import ValidationError

from analysis.indices.published import REPRODUCED, verdict
from catalog.index import Index
from catalog.load import read_yaml
from cities.find import likeliest_city
from cli.render.console import console
from cli.render.indices import city_report, index_list, index_report, what_if_report
from cli.render.plain import say
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


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@index.command()
@click.argument("declaration", type=_FILE)
@click.argument("values", type=_FILE)
@click.argument("published", type=_FILE)
@click.option(
    "--tolerance", default=0.05, show_default=True, help="Half a unit of the last printed digit."
)
def reproduce(declaration: Path, values: Path, published: Path, tolerance: float) -> None:
    """Whether somebody else's PUBLISHED scores follow from their own VALUES.

    DECLARATION: a YAML file as in catalog/indices. VALUES: a CSV file of unit, indicator, value.
    PUBLISHED: a CSV file of unit, node, score. Units may be anything. Status 1 if they do not.
    """
    try:
        said = Index.model_validate({"index": declaration.stem, **read_yaml(declaration)})
        given, told = _csv(values, "indicator", "value"), _csv(published, "node", "score")
        (found,) = verdict(said, given, told, tolerance=tolerance).to_pylist()
    except ValidationError as error:
        raise click.ClickException(f"{declaration}: {error}") from error
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    text = f"{found['verdict']}: {found['compared']:,} scores compared"
    if found["largest"] is not None:
        text += f", the largest difference {found['largest']:.6g}"
        text += f" ({found['unit']}, {found['node']})"
    if found["missing"]:
        text += f"; {found['missing']:,} published ones follow from no value"
    say(text)
    if found["verdict"] != REPRODUCED:
        raise SystemExit(1)


def _csv(path: Path, key: str, number: str) -> pa.Table:
    schema = {"unit": pa.string(), key: pa.string(), number: pa.float64()}
    options = csv.ConvertOptions(
        column_types=schema, include_columns=list(schema), null_values=["", "NA"]
    )
    try:
        return csv.read_csv(path, convert_options=options)
    except (OSError, pa.ArrowException) as error:
        expected = ", ".join(schema)
        raise click.ClickException(f"{path}: expected the columns {expected}; {error}") from error


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
