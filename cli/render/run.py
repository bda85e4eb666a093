"""What the current release holds, source by source, and what the gates found: after every run.

Belongs here: queries for people and their rendering. Does not belong here: running (`cli.run`).
"""

from __future__ import annotations

from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.render.console import STATES
from releases.store import ReleaseStore

QUERIES = (
    "select city, country, obs_value, obs_status from mart_observation"
    " where indicator = 'population' and spatial_unit = 'urban_agglomeration' and year = 2015"
    " and is_preferred order by obs_value desc limit 10",
    "select * from trace(1796236, 'population', 2015)  -- Shanghai, back to the raw cells",
    "select source_id, reason, count(*) from fct_rejected_cell group by all order by 3 desc",
)
# Below this share of linked cells a source says why (mart_source_linkage).
_WELL_LINKED = 0.97


def run_report(store: ReleaseStore) -> RenderableType:
    """What the current release holds, source by source, and what the gates said."""
    current = store.current()
    if current is None:
        return Text("There is no release yet.", style="red")
    with store.opened() as connection:
        ledger = connection.execute(
            """with extent as (
                select source_id, count(distinct city_id) as cities, min(time_period) as first,
                    max(time_period) as last, count(*) as figures
                from fct_observation group by source_id
            )
            select s.source_id, s.state, l.cells_read, l.published, l.rejected, l.duplicate,
                l.filtered, e.cities, e.first, e.last, e.figures
            from dim_source as s
            left join (select distinct source_id, cells_read, published, rejected, duplicate,
                filtered from fct_row_ledger) as l using (source_id)
            left join extent as e using (source_id)
            order by s.source_id"""
        ).fetchall()
        verdicts = connection.execute(
            "select verdict, source_id, indicator, spatial_unit, reason from fct_series_verdict"
            " where verdict != 'pass' order by verdict desc, source_id, indicator"
        ).fetchall()
        total = connection.execute(
            "select count(*), count(distinct city_id), count(distinct indicator),"
            " (select count(*) from dim_city), (select count(*) from fct_series_verdict)"
            ", (select count(*) from fct_city_link) + (select count(*) from fct_city_affiliation)"
            " from fct_observation"
        ).fetchone() or (0, 0, 0, 0, 0, 0)
        themes = connection.execute(
            "select theme, sources, indicators, cities, observations, edges, first_year, last_year"
            " from mart_theme_coverage order by observations desc, theme"
        ).fetchall()
        linkage = connection.execute(
            "select source_id, cells, linked_cells, linked_share, why_not from mart_source_linkage"
            f" where linked_share < {_WELL_LINKED} order by linked_share, source_id"
        ).fetchall()
    table = Table(title="Cells, by source", title_justify="left")
    for name in ("source", "access"):
        table.add_column(name, no_wrap=True)
    for name in ("read", "published", "rejected", "duplicate", "filtered", "cities", "years"):
        table.add_column(name, justify="right", no_wrap=True)
    for source_id, state, *cells, cities, first, last, _ in ledger:
        years = "" if first is None else first if first == last else f"{first}–{last}"
        access = Text(state or "?", style=STATES.get(state, "red"))
        numbers = [f"{n:,}" if n is not None else "–" for n in (*cells, cities)]
        table.add_row(source_id, access, *numbers, years)
    gates = [f"Gate 1: {total[4] - len(verdicts)} of {total[4]} series pass"]
    gates += [f"  {v[0]}: {v[1]} {v[2]} ({v[3]}): {v[4]}" for v in verdicts[:12]]
    gates.append("Gate 2: passed")
    path = store.folder / "current"
    return Group(
        table,
        _coverage(themes),
        *([_linkage(linkage)] if linkage else []),
        Text("\n".join(gates)),
        Text(
            f"\n{total[0]:,} observations of {total[2]} indicators in {total[1]:,} cities,"
            f" {total[5]:,} links and affiliations; {total[3]:,} cities known\n"
            f"Release {current['version']} in {path}"
            f" ({store.size(current['version']) / 1e6:.0f} MB)\n",
            style="bold",
        ),
        Text("Try, in Python: duckdb.connect('" + f"{path}/warehouse.duckdb', read_only=True)"),
        Text("\n".join(f"  {q}" for q in QUERIES), style="cyan"),
    )


def _coverage(themes: list[tuple[Any, ...]]) -> Table:
    table = Table(title="Coverage, by theme", title_justify="left")
    table.add_column("theme", no_wrap=True)
    for name in ("sources", "indicators", "cities", "observations", "edges", "years"):
        table.add_column(name, justify="right", no_wrap=True)
    for theme, *counts, first, last in themes:
        years = "" if first is None else f"{first}–{last}"
        table.add_row(theme, *(f"{n:,}" for n in counts), years)
    return table


def _linkage(linkage: list[tuple[Any, ...]]) -> Table:
    title = f"Sources with less than {_WELL_LINKED:.0%} of their cells linked to a city"
    table = Table(title=title, title_justify="left")
    table.add_column("source", no_wrap=True)
    for name in ("cells", "linked", "share"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("why not (cells)")
    for source_id, cells, linked, share, why in linkage:
        table.add_row(source_id, f"{cells:,}", f"{linked:,}", f"{share:.1%}", why)
    return table
