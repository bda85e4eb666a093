"""What people read in the terminal: tables about a run, a release, the sources, a trace.

Belongs here: queries for people and their rendering. Does not belong here: arguments (`cli`).
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from orchestration.identity import decided_text, named_city
from releases import pointer
from releases.shelf import Shelf
from sources.catalog import Catalog
from sources.declarations import PERIOD, Source
from sources.home import Home
from sources.offers import Offer, stored_offer
from sources.sql import literal

QUERIES = (
    "select city, country, obs_value, obs_status from mart_observation"
    " where indicator = 'population' and spatial_unit = 'urban_agglomeration' and year = 2015"
    " and is_preferred order by obs_value desc limit 10",
    "select * from trace(1796236, 'population', 2015)  -- Shanghai, back to the raw cells",
    "select source_id, reason, count(*) from fct_rejected_cell group by all order by 3 desc",
)
_STATES = {"live": "green", "archive": "green", "bundled": "cyan", "stale": "yellow"}
# Below this share of linked cells a source says why (mart_source_linkage).
_WELL_LINKED = 0.97


def run_report(home: Home) -> RenderableType:
    """What the current release holds, source by source, and what the gates said."""
    shelf = Shelf(home.releases)
    current = shelf.current()
    if current is None:
        return Text("There is no release yet.", style="red")
    with _opened(home, current["version"]) as connection:
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
            "select theme, sources, indicators, cities, observations, ties, first_year, last_year"
            " from mart_theme_coverage order by observations desc, theme"
        ).fetchall()
        linkage = connection.execute(
            "select source_id, cells, linked_cells, linked_share, why_not from mart_source_linkage"
            f" where linked_share < {_WELL_LINKED} order by linked_share, source_id"
        ).fetchall()
    table = Table(title="Cells, by source", title_justify="left")
    for name in ("source", "way"):
        table.add_column(name, no_wrap=True)
    for name in ("read", "published", "rejected", "duplicate", "filtered", "cities", "years"):
        table.add_column(name, justify="right", no_wrap=True)
    for source_id, state, *cells, cities, first, last, _ in ledger:
        years = "" if first is None else first if first == last else f"{first}–{last}"
        way = Text(state or "?", style=_STATES.get(state, "red"))
        numbers = [f"{n:,}" if n is not None else "–" for n in (*cells, cities)]
        table.add_row(source_id, way, *numbers, years)
    gates = [f"Gate 1: {total[4] - len(verdicts)} of {total[4]} series pass"]
    gates += [f"  {v[0]}: {v[1]} {v[2]} ({v[3]}): {v[4]}" for v in verdicts[:12]]
    gates.append("Gate 2: passed")
    path = home.releases / "current"
    return Group(
        table,
        _coverage(themes),
        *([_linkage(linkage)] if linkage else []),
        Text("\n".join(gates)),
        Text(
            f"\n{total[0]:,} observations of {total[2]} indicators in {total[1]:,} cities,"
            f" {total[5]:,} links and affiliations; {total[3]:,} cities known\n"
            f"Release {current['version']} in {path}"
            f" ({shelf.size(current['version']) / 1e6:.0f} MB)\n",
            style="bold",
        ),
        Text("Try, in Python: duckdb.connect('" + f"{path}/warehouse.duckdb', read_only=True)"),
        Text("\n".join(f"  {q}" for q in QUERIES), style="cyan"),
    )


def _coverage(themes: list[tuple[Any, ...]]) -> Table:
    table = Table(title="Coverage, by theme", title_justify="left")
    table.add_column("theme", no_wrap=True)
    for name in ("sources", "indicators", "cities", "observations", "ties", "years"):
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


def sources_report(home: Home, catalog: Catalog) -> RenderableType:
    """Every declared source: theme, cities, years, last fetch, age, next due, state, licence."""
    now, notes = datetime.now(UTC), list[RenderableType]()
    table = Table()
    for name in ("source", "theme", "state", "cities", "years", "fetched", "age", "next due"):
        table.add_column(name, no_wrap=name != "years")
    table.add_column("licence")
    for source_id, source in catalog.sources.items():
        offer = stored_offer(home, source_id)
        days = offer.age_days(now) if offer else None
        fetched = offer.retrieved_at if offer else None
        licence = catalog.licences[source.licence]
        table.add_row(
            source_id,
            source.theme,
            _state(offer),
            f"{max((c.facts['cities'] for c in offer.contents), default=0):,}" if offer else "",
            _years(offer),
            f"{fetched[:10]} {offer.way}" if offer and fetched else "never",
            "" if days is None else f"{days:.0f} d",
            _due(source, fetched),
            licence.name + ("" if licence.may_redistribute else " (not to be passed on)"),
        )
        if offer and offer.failures:
            notes.append(Text(f"{source_id}: {offer.failures[0]}", style="dim"))
    return Group(table, *notes)


def _state(offer: Offer | None) -> Text:
    if offer is None:
        return Text("never obtained", style="red")
    needed = next((m[0] for f in offer.failures if (m := re.search(r"needs WCN_\w+", f))), None)
    if needed and offer.way is None:
        return Text(needed, style="yellow")
    return Text(offer.state, style=_STATES.get(offer.state, "red"))


def _years(offer: Offer | None) -> str:
    facts = [c.facts for c in offer.contents] if offer else []
    first = min((f["first_period"] for f in facts if f["first_period"]), default=None)
    last = max((f["last_period"] for f in facts if f["last_period"]), default=None)
    if first is None or last is None:
        return ""
    return first[:9] if "/" in first or first == "undated" else f"{first[:4]}–{last[:4]}"


def _due(source: Source, fetched: str | None) -> str:
    """The end of the publisher's cadence after the last fetch; `now` where that has passed."""
    period = PERIOD.get(source.cadence)
    if period is None:
        return "frozen"
    due = datetime.fromisoformat(fetched) + period if fetched else datetime.now(UTC)
    due = due.replace(tzinfo=due.tzinfo or UTC)
    return "now" if due <= datetime.now(UTC) else f"{due:%Y-%m-%d}"


def release_report(home: Home) -> RenderableType:
    """Every move of the pointer, and what each release changed."""
    shelf = Shelf(home.releases)
    now = pointer.current(home.releases)
    table = Table(title="Releases", title_justify="left")
    table.add_column("release")
    for name in ("added", "revised", "withdrawn"):
        table.add_column(name, justify="right")
    for name in ("decisions", "appeared", "gone"):
        table.add_column(name)
    table.add_column("MB", justify="right")
    for version in shelf.versions():
        changes = shelf.manifest(version)["changes"]
        appeared = [*changes["indicators_appeared"], *changes["columns_appeared"]]
        gone = [*changes["indicators_gone"], *changes["columns_gone"]]
        table.add_row(
            Text(version + (" ← current" if version == now else ""), no_wrap=True),
            *(f"{changes[k]:,}" for k in ("added", "revised", "withdrawn")),
            _few([decided_text(d) for d in changes.get("decisions", [])]),
            _few(appeared),
            _few(gone),
            f"{shelf.size(version) / 1e6:.0f}",
        )
    log = Table(title="Moves of the pointer", title_justify="left")
    for name in ("at", "move", "to", "from", "reason"):
        log.add_column(name)
    for move in pointer.moves(home.releases):
        log.add_row(move.at[:19], move.action, move.version, move.previous or "–", move.reason)
    return Group(table, log)


def trace_report(home: Home, city: str, indicator: str, year: int | None) -> RenderableType:
    """From the facts of a city to cells, contents, receipts and raw rows.

    Raises LookupError when the city or the fact is not there, with what might have been meant.
    """
    current = Shelf(home.releases).current()
    if current is None:
        raise LookupError("there is no release yet: run `wcn run` first")
    with _opened(home, current["version"]) as connection:
        city_id, name = named_city(connection, city)
        found = connection.execute("from trace(?, ?, ?)", [city_id, indicator, year])
        columns = [d[0] for d in found.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        if not rows:
            raise LookupError(_what_there_is(connection, city_id, name, indicator, year))
    reading = {
        c["content_id"]: c["reading"]
        for s in current["build"]["sources"].values()
        for c in s["contents"]
    }
    receipts = {r["sha256"]: r for r in _receipts(home, current["version"])}
    parts: list[RenderableType] = [Text(f"{name} ({city_id}): {indicator}", style="bold")]
    shown: tuple[str, ...] | None = None
    for row in rows:
        fact = tuple(str(row[k]) for k in ("source_id", "spatial_unit", "time_period"))
        if fact != shown:
            mark = "preferred" if row["is_preferred"] else "also"
            head = f"\n{row['obs_value']:,} {row['unit_measure']} · {' · '.join(fact)}"
            parts.append(Text(f"{head} · status {row['obs_status']} · {mark}", style="green"))
            receipt = receipts.get(row["sha256"], {})
            parts.append(Text(f"  content {row['content_id']} · sha256 {row['sha256']}"))
            parts.append(Text(f"  receipt: {row['way']} · {row['url']} · {row['retrieved_at']}"))
            parts.append(Text(f"  licence {receipt.get('licence', '?')}"))
            shown = fact
        cell = (
            f"  cell row {row['row_number']}, column {row['column_name']!r}: {row['value_text']!r}"
        )
        parts.append(
            Text(f"{cell} ({row['cell_period']}, {row['ref_area_label'] or row['ref_area_code']})")
        )
        raw = home.raw / row["content_id"] / reading[row["content_id"]] / "table.parquet"
        parts.append(Text(f"    raw row: {_raw_row(raw, row['row_number'])}", style="dim"))
    return Group(*parts)


def _what_there_is(
    connection: duckdb.DuckDBPyConnection, city_id: int, name: str, indicator: str, year: int | None
) -> str:
    known = connection.execute(
        "select indicator, string_agg(distinct time_period, ', ' order by time_period)"
        " from fct_observation where city_id = ? group by 1 order by 1",
        [city_id],
    ).fetchall()
    periods = dict(known).get(indicator)
    has = (
        f"it has {indicator} for {periods}"
        if periods
        else (f"it has {', '.join(i for i, _ in known) or 'no figures at all'}")
    )
    return f"{name} ({city_id}) has no figure {indicator} {year or ''}; {has}"


def _raw_row(table: Path, row_number: int) -> str:
    if not table.exists():
        return "the decoded table is no longer there; its bytes are in the landing zone"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select * exclude (row_number) from read_parquet({literal(table)})"
            " where row_number = ?",
            [row_number],
        )
        names = [d[0] for d in found.description or []]
        row = found.fetchone() or ()
    said = {n: v for n, v in zip(names, row, strict=False) if v is not None}
    return json.dumps(said, ensure_ascii=False)[:600]


def _receipts(home: Home, version: str) -> list[dict[str, Any]]:
    path = home.releases / version / "receipts.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _opened(home: Home, version: str) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(home.releases / version / "warehouse.duckdb"), read_only=True)


def _few(names: list[str]) -> str:
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more


def console() -> Console:
    """Wide enough for the tables where nobody is looking (a log, a pipe)."""
    made = Console()
    return made if made.is_terminal else Console(width=160)
