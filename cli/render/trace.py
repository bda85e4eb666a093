"""From a figure to its cells, bytes, receipts and raw rows.

Belongs here: following a figure back, and rendering it. Does not belong here: the macro `trace`
that every release carries (`releases`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Group, RenderableType
from rich.text import Text

from cities.find import named_city
from core.paths import DataPaths, inside
from core.sql import literal
from releases.store import ReleaseStore


def trace_report(paths: DataPaths, city: str, indicator: str, year: int | None) -> RenderableType:
    """From the facts of a city to cells, contents, receipts and raw rows.

    Raises LookupError when the city or the fact is not there, with what might have been meant.
    """
    store = ReleaseStore(paths.releases)
    with store.opened() as connection:
        city_id, name = named_city(connection, city)
        found = connection.execute("from trace(?, ?, ?)", [city_id, indicator, year])
        columns = [d[0] for d in found.description or []]
        rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
        if not rows:
            raise LookupError(_what_there_is(connection, city_id, name, indicator, year))
    current = store.current() or {}
    parse_version = {
        c["content_id"]: c["parse_version"]
        for s in current["build"]["sources"].values()
        for c in s["contents"]
    }
    receipts = {r["sha256"]: r for r in _receipts(paths, current["version"])}
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
            parts.append(
                Text(f"  receipt: {row['access_method']} · {row['url']} · {row['retrieved_at']}")
            )
            parts.append(Text(f"  licence {receipt.get('licence', '?')}"))
            shown = fact
        cell = (
            f"  cell row {row['row_number']}, column {row['column_name']!r}: {row['value_text']!r}"
        )
        parts.append(
            Text(f"{cell} ({row['cell_period']}, {row['ref_area_label'] or row['ref_area_code']})")
        )
        version = parse_version[row["content_id"]]
        raw = inside(paths.raw, row["content_id"], version, "table.parquet")
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
    values = {n: v for n, v in zip(names, row, strict=False) if v is not None}
    return json.dumps(values, ensure_ascii=False)[:600]


def _receipts(paths: DataPaths, version: str) -> list[dict[str, Any]]:
    path = inside(paths.releases, version, "receipts.json")
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found
