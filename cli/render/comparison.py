"""Cities side by side.

Belongs here: rendering `mart_city_comparison`. Does not belong here: what can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

City = tuple[int, str]


def comparison_report(
    connection: duckdb.DuckDBPyConnection,
    cities: Sequence[City],
    theme: str | None,
    differing: bool,
) -> RenderableType:
    """The first city beside each other one, a table for each. Raises LookupError for nothing."""
    (first, name), *others = cities
    parts: list[RenderableType] = []
    for other, other_name in others:
        rows = connection.execute(
            """select theme, concept, unit_measure, other_unit_measure, value, year, spatial_unit,
                other_value, other_year, other_spatial_unit, source_id, other_source_id, verdict
            from mart_city_comparison
            where city_id = ? and other_city_id = ? and theme = coalesce(?, theme)
                and (not ? or verdict != 'comparable')
            order by theme, concept""",
            [first, other, theme, differing],
        ).fetchall()
        table = Table(title=f"{name} and {other_name}", title_justify="left")
        table.add_column("concept")
        for city in (name, other_name):
            table.add_column(city, justify="right")
            table.add_column("year")
        for column in ("unit", "boundary", "source", "verdict"):
            table.add_column(column)
        shown = None
        for group, concept, *cells in rows:
            if group != shown:
                table.add_row(Text(group, style="bold"))
                shown = group
            table.add_row(*_row(concept, cells))
        comparable = sum(row[-1] == "comparable" for row in rows)
        text = f"{comparable} of {len(rows)} concepts that both have figures of can be compared"
        parts += [table, Text("" if differing else text), Text()]
        if not rows:
            parts.append(Text("no concept of which both have figures"))
    return Group(*parts)


def _row(concept: str, cells: list[object]) -> list[Text | str]:
    unit, other_unit, value, year, boundary, other, other_year, other_boundary, *rest = cells
    source, other_source, verdict = (str(cell) for cell in rest)
    return [
        f"  {concept}",
        f"{value:,.6g}",
        str(year or "undated"),
        f"{other:,.6g}",
        str(other_year or "undated"),
        _both(unit, other_unit),
        _both(boundary, other_boundary),
        _both(source, other_source),
        Text(verdict, style="green" if verdict == "comparable" else "yellow"),
    ]


def _both(one: object, other: object) -> str:
    return str(one) if one == other else f"{one} / {other}"
