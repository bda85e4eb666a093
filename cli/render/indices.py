"""Indices for people: ranks with intervals as bars, one city's scores, what would be if.

Belongs here: rendering what a release says. Does not belong here: computing scores.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import duckdb
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from warehouse.what_if import WhatIf, released

_WIDTH = 48
_SENSITIVITY = (
    "The bar spans 90 % of the draws with other weights and methods (●: the rank as declared):"
    " sensitivity to choices, not sampling error. Methods differ, and so a rank may lie outside. A"
    " group holds those that its first city does not surely (95 %) stand above."
)


def index_list(connection: duckdb.DuckDBPyConnection) -> RenderableType:
    """Every index, with its question and how many cities have a rank."""
    rows = connection.execute(
        """select index, question, audience,
            string_agg(year || ' (' || ranked || ')', ', ' order by year)
        from dim_index left join (
            select index, year, count(rank) as ranked from mart_index_rank group by all
        ) using (index)
        group by index, question, audience order by index"""
    ).fetchall()
    table = Table(title="Indices", title_justify="left")
    for name in ("index", "question", "for whom", "years (cities with a rank)"):
        table.add_column(name)
    for texts in rows:
        table.add_row(*(str(t or "none") for t in texts))
    return table


def index_report(
    connection: duckdb.DuckDBPyConnection, code: str, year: int | None, top: int
) -> RenderableType:
    """The first ranks, each with its interval. Raises LookupError for what there is none of."""
    index, year = released(connection, code, year)
    rows = connection.execute(
        """select rank, city, country_iso2, score, rank_p05, rank_p95, rank_group, coverage,
            rank_change
        from mart_index_rank where index = ? and year = ? and rankable order by rank, city_id
        limit ?""",
        [code, year, top],
    ).fetchall()
    counted = connection.execute(
        """select count(*) filter (where rankable), count(*) from mart_index_rank
        where index = ? and year = ?""",
        [code, year],
    ).fetchone()
    assert counted is not None
    scale = max((row[5] for row in rows), default=1)
    table = Table(title=f"{index.name}, {year}", title_justify="left")
    for name in ("rank", "city", "score"):
        table.add_column(name, justify="left" if name == "city" else "right")
    table.add_column(f"1 … rank {scale}", min_width=_WIDTH)
    before = max((y for y in index.years if y < year), default=None)
    for name in ("group", "coverage", *([f"places won since {before}"] if before else [])):
        table.add_column(name, justify="right")
    for rank, city, country, score, low, high, group, coverage, change in rows:
        table.add_row(
            str(rank),
            f"{city}, {country}",
            f"{score:.1f}",
            _bar(rank, low, high, scale),
            str(group),
            f"{coverage:.0%}",
            *(["" if change is None else f"{-change:+d}"] if before else []),
        )
    ranked, valued = counted
    return Group(
        Text(index.question, style="bold"),
        Text(f"{index.reading}. {index.purpose}."),
        table,
        Text(_SENSITIVITY),
        Text(f"{ranked:,} of {valued:,} cities that have a value have a rank."),
        Text(f"What may not be concluded: {index.limits}", style="yellow"),
    )


def city_report(
    connection: duckdb.DuckDBPyConnection, code: str, year: int | None, city: tuple[int, str]
) -> RenderableType:
    """One city's scores as a tree, and its peers. Raises LookupError for what there is none of."""
    index, year = released(connection, code, year)
    city_id, name = city
    of = {"index": code, "year": year, "city": city_id}
    found = connection.execute(
        """select rankable, reason, rank, rank_p05, rank_p95, rank_group
        from mart_index_rank where index = $index and year = $year and city_id = $city""",
        of,
    ).fetchone()
    if found is None:
        raise LookupError(f"{name} has no value in {code} {year}")
    able, reason, rank, low, high, group = found
    if not able:
        return Text(f"{name} has no rank in {code} {year}: {reason}", style="yellow")
    table = Table(title=f"{index.name}, {year}: {name}", title_justify="left")
    table.add_column("node")
    for column in ("value", "year", "score", "weight", "adds"):
        table.add_column(column, justify="right")
    for column in ("boundary", "source"):
        table.add_column(column)
    for row in _tree(connection, of):
        table.add_row(*row)
    peers = connection.execute(
        """select city.name, city.country_iso2 from mart_index_peer as peer
        inner join dim_city as city on city.city_id = peer.other_city_id
        where peer.index = $index and year = $year and peer.city_id = $city order by place""",
        of,
    ).fetchall()
    return Group(
        table,
        Text(f"rank {rank} ({low} to {high} in 90 % of the draws), group {group}"),
        Text(f"most alike: {'; '.join(f'{n}, {c}' for n, c in peers) or 'none'}"),
        *_statements(connection, city_id),
        Text(f"What may not be concluded: {index.limits}", style="yellow"),
    )


def _statements(connection: duckdb.DuckDBPyConnection, city_id: int) -> list[Text]:
    """What sources say of the city in words, a line for each kind."""
    rows = connection.execute(
        """select kind.name, said.source_id,
            string_agg(distinct value || if(year is null, '', ' (' || year || ')'), '; ' order by 1)
        from fct_city_statement as said inner join dim_statement as kind using (statement)
        where said.city_id = ? group by all order by 1, 2""",
        [city_id],
    ).fetchall()
    return [Text(f"{name}: {values} [{source}]") for name, source, values in rows]


def _tree(connection: duckdb.DuckDBPyConnection, of: dict[str, Any]) -> list[list[str]]:
    rows = connection.execute(
        """select score.node, node.parent, node.name, value, per_value, value_year, score.score,
            weight, contribution, spatial_unit, source_id
        from fct_index_score as score
        inner join dim_index_node as node using (index, node)
        where index = $index and year = $year and city_id = $city order by node""",
        of,
    ).fetchall()
    below: dict[str | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row[1], []).append(row)
    made: list[list[str]] = []

    def add(parent: str | None, depth: int) -> None:
        for node, _, name, value, per, year, score, weight, adds, unit, source in below.get(
            parent, []
        ):
            shown = value / per if value is not None and per else value
            made.append(
                [
                    f"{'  ' * depth}{name}",
                    *("" if n is None else f"{n:,.5g}" for n in (shown,)),
                    str(year or ""),
                    "no value" if score is None else f"{score:.1f}",
                    f"{weight:.0%}",
                    "" if adds is None else f"{adds:.1f}",
                    unit or "",
                    source or "",
                ]
            )
            add(node, depth + 1)

    add(None, 0)
    return made


def what_if_report(
    connection: duckdb.DuckDBPyConnection, found: WhatIf, top: int, also: Collection[int]
) -> RenderableType:
    """New ranks beside those of the release; `also`: cities that are shown wherever they stand."""
    connection.register("what_if", found.ranks)
    rows = connection.execute(
        """select city.name, city.country_iso2, now.rank, was.rank, now.score, was.score
        from what_if as now
        inner join dim_city as city using (city_id)
        left join mart_index_rank as was
            on was.city_id = now.city_id and was.index = $index and was.year = $year
        where now.rank <= $top or list_contains($also, now.city_id)
        order by now.rank nulls last, now.city_id""",
        {"index": found.index.index, "year": found.year, "top": top, "also": list(also)},
    ).fetchall()
    connection.unregister("what_if")
    table = Table(title=f"{found.index.name}, {found.year}: what if", title_justify="left")
    table.add_column("city")
    for column in ("rank", "in the release", "score", "in the release"):
        table.add_column(column, justify="right")
    for name, country, *numbers in rows:
        rank, rank_was, score, score_was = numbers
        table.add_row(
            f"{name}, {country}",
            "none" if rank is None else str(rank),
            "none" if rank_was is None else str(rank_was),
            *("" if n is None else f"{n:.1f}" for n in (score, score_was)),
        )
    return Group(table, Text("Nothing of the release or the project was changed."))


def _bar(rank: int, low: int, high: int, scale: int) -> Text:
    """`├──●──┤` on ranks from 1 to `scale`."""

    def at(place: int) -> int:
        return round((place - 1) / max(scale - 1, 1) * (_WIDTH - 1))

    line = [" "] * _WIDTH
    for place in range(at(low), at(min(high, scale)) + 1):
        line[place] = "─"
    line[at(low)], line[at(min(high, scale))] = "├", "┤"
    line[at(min(rank, scale))] = "●"
    return Text("".join(line))
