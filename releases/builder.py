"""A judged candidate becomes a folder that never changes again.

Belongs here: what a release holds and how it is written. Does not belong here: moving the pointer.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from releases import history
from sources.landing import sha256_of
from sources.sql import literal

MACROS = Path(__file__).parent / "macros.sql"
HISTORY = "fct_observation_history"


@dataclass(frozen=True)
class Parts:
    """What a release is made of beside the candidate."""

    version: str
    released_at: str
    manifest: Mapping[str, Any]
    evidence: Path
    docs: Path
    attribution: str
    previous_tables: Mapping[str, Any]
    history: Path | None
    decisions: Sequence[Mapping[str, Any]] = ()
    """What people decided about labels, or took back, since the release before."""


def build(releases: Path, candidate: Path, parts: Parts) -> Path:
    """Write `releases/<version>`; until it is whole it has another name. Returns the folder.

    It holds warehouse.duckdb, parquet/<table>.parquet, datapackage.json, ATTRIBUTION.md, quality/,
    receipts.json and manifest.json (with the SHA-256 of every other file).
    """
    staging = releases / f".making-{parts.version}"
    for abandoned in releases.glob(".making-*"):
        remove(abandoned)
    (staging / "parquet").mkdir(parents=True)
    with duckdb.connect(str(staging / "warehouse.duckdb")) as connection:
        connection.execute(f"attach {literal(candidate)} as candidate (read_only)")
        _copy(connection)
        _history(connection, parts)
        connection.execute("detach candidate")
        connection.execute(MACROS.read_text(encoding="utf-8"))
        tables = _export(connection, staging / "parquet")
        package = _datapackage(connection, parts)
        changes = _changes(connection, parts, tables)
    _write(staging / "datapackage.json", package)
    (staging / "ATTRIBUTION.md").write_text(parts.attribution, encoding="utf-8")
    shutil.copytree(parts.docs, staging / "quality", dirs_exist_ok=True)
    shutil.copyfile(parts.evidence, staging / "quality" / "evidence.json")
    sources = parts.manifest["sources"].values()
    _write(staging / "receipts.json", [c["receipt"] for s in sources for c in s["contents"]])
    files = sorted(p for p in staging.rglob("*") if p.is_file())
    _write(
        staging / "manifest.json",
        {
            "version": parts.version,
            "released_at": parts.released_at,
            "changes": changes,
            "build": parts.manifest,
            "tables": tables,
            "files": {str(p.relative_to(staging)): sha256_of(p) for p in files},
        },
    )
    _protect(staging)
    staging.rename(releases / parts.version)
    return releases / parts.version


def remove(folder: Path) -> None:
    """Delete a release or a half-made one."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


def logical_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Identity of a table's rows, whatever their order and the file's layout."""
    rows, low, high = connection.execute(
        f"""select count(*), sum(md5_number_lower(r)::hugeint), sum(md5_number_upper(r)::hugeint)
        from (select to_json(t)::varchar as r from "{table}" as t)"""
    ).fetchone() or (0, 0, 0)
    return f"{rows}-{(low or 0):x}-{(high or 0):x}"


def _copy(connection: duckdb.DuckDBPyConnection) -> None:
    """Tables, views and descriptions of the candidate's public schema; rows sorted by grain."""
    public = "database_name = 'candidate' and schema_name = 'main'"
    for name, statement in connection.execute(
        f"select table_name, sql from duckdb_tables() where {public} order by table_name"
    ).fetchall():
        connection.execute(statement.replace("candidate.", "", 1).replace("main.", "", 1))
        connection.execute(
            f'insert into "{name}" select * from candidate.main."{name}" order by all'
        )
    for (statement,) in connection.execute(
        f"select sql from duckdb_views() where {public} and not internal"
    ).fetchall():
        bare = statement.replace("candidate.", "").replace('"candidate".', "")
        connection.execute(bare)
    for kind, catalogue in (("table", "duckdb_tables"), ("view", "duckdb_views")):
        for name, text in connection.execute(
            f"select {kind}_name, comment from {catalogue}() where {public} and comment is not null"
        ).fetchall():
            connection.execute(f'comment on {kind} "{name}" is {literal(text)}')
    for table, column, text in connection.execute(
        f"select table_name, column_name, comment from duckdb_columns() where {public}"
        " and comment is not null"
    ).fetchall():
        connection.execute(f'comment on column "{table}"."{column}" is {literal(text)}')


def _history(connection: duckdb.DuckDBPyConnection, parts: Parts) -> None:
    history.extend(
        connection, HISTORY, parts.history, "fct_observation", parts.version, parts.released_at
    )
    text = "One row per value and the time for which readers saw it; see observations_as_of."
    connection.execute(f"comment on table {HISTORY} is {literal(text)}")
    for column, description in history.DESCRIPTIONS.items():
        connection.execute(f"comment on column {HISTORY}.{column} is {literal(description)}")


def _export(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    tables: dict[str, Any] = {}
    for (name,) in connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'main' order by 1"
    ).fetchall():
        target = folder / f"{name}.parquet"
        connection.execute(f'copy "{name}" to {literal(target)} (format parquet, compression zstd)')
        columns = connection.execute(
            "select column_name from duckdb_columns() where table_name = ? order by column_index",
            [name],
        ).fetchall()
        digest = logical_hash(connection, name)
        tables[name] = {
            "rows": int(digest.split("-")[0]),
            "logical_hash": digest,
            "columns": [c for (c,) in columns],
        }
    return tables


def _changes(
    connection: duckdb.DuckDBPyConnection, parts: Parts, tables: Mapping[str, Any]
) -> dict[str, Any]:
    """What this release changes against the one before it, as `wcn release list` shows it."""
    counted = connection.execute(
        f"""select
            count(*) filter (where valid_from_release = $v and started_by = 'added'),
            count(*) filter (where valid_from_release = $v and started_by = 'revised'),
            count(*) filter (where valid_to_release = $v and ended_by = 'withdrawn')
        from {HISTORY}""",
        {"v": parts.version},
    ).fetchone() or (0, 0, 0)
    indicators = {
        i
        for (i,) in connection.execute("select distinct indicator from fct_observation").fetchall()
    }
    tables["fct_observation"]["indicators"] = sorted(indicators)
    before = set(parts.previous_tables.get("fct_observation", {}).get("indicators", []))
    now_columns = {f"{t}.{c}" for t, x in tables.items() for c in x["columns"]}
    old_columns = {f"{t}.{c}" for t, x in parts.previous_tables.items() for c in x["columns"]}
    first = not parts.previous_tables
    return {
        "added": counted[0],
        "revised": counted[1],
        "withdrawn": counted[2],
        "indicators_appeared": sorted(indicators - before),
        "indicators_gone": sorted(before - indicators),
        "columns_appeared": [] if first else sorted(now_columns - old_columns),
        "columns_gone": sorted(old_columns - now_columns),
        "decisions": [dict(d) for d in parts.decisions],
    }


def _datapackage(connection: duckdb.DuckDBPyConnection, parts: Parts) -> dict[str, Any]:
    """Frictionless Data Package 1.0: one tabular resource per Parquet file."""
    kinds = {
        "BIGINT": "integer",
        "INTEGER": "integer",
        "DOUBLE": "number",
        "BOOLEAN": "boolean",
        "TIMESTAMP": "datetime",
    }
    fields: dict[str, list[dict[str, str]]] = {}
    for table, column, kind, comment in connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'main' and not internal order by table_name, column_index"
    ).fetchall():
        field = {"name": column, "type": kinds.get(kind, "string"), "description": comment or ""}
        fields.setdefault(table, []).append(field)
    described = dict(
        connection.execute(
            "select table_name, comment from duckdb_tables() where schema_name = 'main'"
        ).fetchall()
    )
    return {
        "name": "world-city-network",
        "title": "World City Network: cities × years × indicators",
        "version": parts.version,
        "created": parts.released_at,
        "sources": [
            {"title": f"{publisher}: {title}", "path": page, "licence": licence}
            for publisher, title, page, licence in connection.execute(
                "select publisher, title, homepage, licence from dim_source"
                " where state != 'unavailable' order by source_id"
            ).fetchall()
        ],
        "resources": [
            {
                "name": table,
                "path": f"parquet/{table}.parquet",
                "format": "parquet",
                "mediatype": "application/vnd.apache.parquet",
                "description": description or "",
                "schema": {"fields": fields[table]},
            }
            for table, description in sorted(described.items())
        ],
    }


def _protect(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
