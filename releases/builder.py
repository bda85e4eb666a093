"""A judged candidate becomes a folder that never changes again.

Belongs here: what a release holds beside its figures, and how it is written. Does not belong here:
moving the pointer (`pointer`), describing the folder to others (`datapackage`).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.files import sha256_of
from core.sql import literal
from releases import history, ledger, pointer
from releases.attribution import attribution
from releases.datapackage import datapackage
from releases.integrity import MANIFEST, WAREHOUSE, protect

# Where a figure came from: a fifth of a release, which `trace` reads in the database. One copy.
NOT_EXPORTED = frozenset({"fct_source_cell", "mart_city_comparison"})
# What only the macros of the database read.
NOT_EXPORTED_COLUMNS = {"dim_city_code": "lookup_hash"}
# A tenth smaller than by the usual level 3, for half a second; level 15 takes seven times that for
# a fiftieth more.
_PARQUET = "format parquet, compression zstd, compression_level 9"
MACROS = Path(__file__).parent / "macros.sql"
RELEASE = "dim_release"
# Logical hashes of another version of the engine cannot be compared with ours.
HASHED_BY = f"duckdb-{duckdb.__version__}:"
_RELEASE_COMMENTS = {
    "release": "Version of this release; the name of its folder",
    "released_at": "UTC; when it was completed, which readers saw seconds later",
    "build_id": "Identity of what it was built from: contents, decisions, code",
}


@dataclass(frozen=True)
class Parts:
    """What a release is made of beside the candidate."""

    version: str
    manifest: Mapping[str, Any]
    evidence: Path
    docs: Path
    previous_tables: Mapping[str, Any]
    fallen_links: int = 0
    """How many links of sources that did not change fell, or lead to another city."""
    previous_ledger: Path | None = None
    """`fct_row_ledger.parquet` of the release before."""
    decisions: Sequence[Mapping[str, Any]] = ()
    """What people decided about labels, or took back, since the release before."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """Name of a file → SVG."""


def complete(candidate: Path, version: str, build_id: str, past: Path | None) -> None:
    """Add to the candidate what is not modelled: its name, the history of values, macros.

    `past`: the history after the last move of the pointer. Gate 2 judges the file as it is then,
    and its bytes are those that are released.
    """
    # It lies in a folder beside the log of moves.
    releases = past.parents[1] if past else None
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    released_at = pointer.next_moment(releases) if releases else now
    with duckdb.connect(str(candidate)) as connection:
        connection.execute(
            f"create or replace table {RELEASE} as select ?::varchar as release,"
            " ?::timestamptz at time zone 'UTC' as released_at, ?::varchar as build_id",
            [version, released_at, build_id],
        )
        _describe(connection, RELEASE, "One row: which release this is.", _RELEASE_COMMENTS)
        history.attach(connection, past, version, released_at)
        connection.execute(MACROS.read_text(encoding="utf-8"))


def build(releases: Path, candidate: Path, parts: Parts) -> str:
    """Move the candidate into `releases/<version>`; returns when it was completed (ISO, UTC).

    The folder holds warehouse.duckdb, parquet/<table>.parquet, datapackage.json, ATTRIBUTION.md,
    quality/, pictures/, receipts.json and manifest.json (with the SHA-256 of every other file).
    Until it is whole it has another name. Raises ReleaseRefused where the pointer was moved since
    the candidate was completed.
    """
    with duckdb.connect(str(candidate), read_only=True) as connection:
        pointer.demand_later(releases, _released_at(connection))
    staging = releases / f".making-{parts.version}"
    for abandoned in releases.glob(".making-*"):
        remove(abandoned)
    (staging / "parquet").mkdir(parents=True)
    warehouse = candidate.rename(staging / WAREHOUSE)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        released_at = _released_at(connection)
        tables = _export(connection, staging / "parquet")
        exported = {p.stem for p in (staging / "parquet").iterdir()}
        package = datapackage(
            connection, parts.version, released_at, exported, NOT_EXPORTED_COLUMNS
        )
        changes = _changes(connection, parts, tables)
        notice = attribution(_sources(connection))
    _write(staging / "datapackage.json", package)
    (staging / "ATTRIBUTION.md").write_text(notice, encoding="utf-8")
    shutil.copytree(parts.docs, staging / "quality", dirs_exist_ok=True)
    shutil.copyfile(parts.evidence, staging / "quality" / "evidence.json")
    (staging / "pictures").mkdir()
    for name, svg in parts.pictures.items():
        (staging / "pictures" / name).write_text(svg, encoding="utf-8")
    sources = parts.manifest["sources"].values()
    _write(staging / "receipts.json", [c["receipt"] for s in sources for c in s["contents"]])
    files = sorted(p for p in staging.rglob("*") if p.is_file())
    _write(
        staging / MANIFEST,
        {
            "version": parts.version,
            "released_at": released_at,
            "changes": changes,
            "build": parts.manifest,
            "tables": tables,
            "files": {str(p.relative_to(staging)): sha256_of(p) for p in files},
        },
    )
    protect(staging)
    # Before it has its name: a release that no log knows was put there by somebody else.
    ledger.wrote(releases, "release", parts.version, sha256_of(staging / MANIFEST))
    staging.rename(releases / parts.version)
    return released_at


def remove(folder: Path) -> None:
    """Delete a release or a half-made one."""
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


def logical_hash(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Identity of a table's rows, whatever their order and the file's layout.

    `<engine>:<rows>-<sum of the rows' hashes>`. DuckDB's hash works on typed values (ten times
    faster than one of their texts) and may change with its version, which therefore stands in it.
    """
    columns = connection.execute(f'describe "{table}"').fetchall()
    listed = ", ".join(f'"{name}"' for name, *_ in columns)
    rows, total = connection.execute(
        f'select count(*), sum(hash({listed})::hugeint) from "{table}"'
    ).fetchone() or (0, 0)
    return f"{HASHED_BY}{rows}-{total or 0:x}"


def _describe(
    connection: duckdb.DuckDBPyConnection, table: str, text: str, columns: Mapping[str, str]
) -> None:
    connection.execute(f"comment on table {table} is {literal(text)}")
    for column, description in columns.items():
        connection.execute(f"comment on column {table}.{column} is {literal(description)}")


def _released_at(connection: duckdb.DuckDBPyConnection) -> str:
    at = connection.execute(f"select released_at from {RELEASE}").fetchone()
    assert at is not None
    return at[0].replace(tzinfo=UTC).isoformat(timespec="microseconds")  # type: ignore[no-any-return]


def _export(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Any]:
    """Tables, and marts that are views, as Parquet; hashes of what every table holds."""
    tables: dict[str, Any] = {}
    for name, is_table in connection.execute(
        """select table_name, true from duckdb_tables() where schema_name = 'main'
        union all
        select view_name, false from duckdb_views()
        where schema_name = 'main' and not internal and view_name like 'mart_%' order by 1"""
    ).fetchall():
        if name not in NOT_EXPORTED:
            target = literal(folder / f"{name}.parquet")
            left = NOT_EXPORTED_COLUMNS.get(name)
            columns = f"* exclude ({left})" if left else "*"
            connection.execute(f'copy (select {columns} from "{name}") to {target} ({_PARQUET})')
        if is_table:
            digest = logical_hash(connection, name)
            tables[name] = {
                "rows": int(digest.partition(":")[2].partition("-")[0]),
                "logical_hash": digest,
                "columns": _columns(connection, name),
            }
    return tables


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    found = connection.execute(
        "select column_name from duckdb_columns() where table_name = ? order by column_index",
        [table],
    ).fetchall()
    return [name for (name,) in found]


def _changes(
    connection: duckdb.DuckDBPyConnection, parts: Parts, tables: Mapping[str, Any]
) -> dict[str, Any]:
    """What this release changes against the one before it, as `wcn release list` shows it."""
    sources = _changes_by_source(connection, parts.version)
    found = connection.execute("select distinct indicator from fct_observation").fetchall()
    indicators = {i for (i,) in found}
    tables["fct_observation"]["indicators"] = sorted(indicators)
    before = set(parts.previous_tables.get("fct_observation", {}).get("indicators", []))
    now_columns = {f"{t}.{c}" for t, x in tables.items() for c in x["columns"]}
    old_columns = {f"{t}.{c}" for t, x in parts.previous_tables.items() for c in x["columns"]}
    first = not parts.previous_tables
    return {
        **{what: sum(int(s[what]) for s in sources) for what in ("added", "revised", "withdrawn")},
        "sources": sources,
        "links_fallen": parts.fallen_links,
        "reasons": _reasons(connection, parts.previous_ledger),
        "indicators_appeared": sorted(indicators - before),
        "indicators_gone": sorted(before - indicators),
        "columns_appeared": [] if first else sorted(now_columns - old_columns),
        "columns_gone": sorted(old_columns - now_columns),
        "decisions": [dict(d) for d in parts.decisions],
    }


def _changes_by_source(
    connection: duckdb.DuckDBPyConnection, version: str
) -> list[dict[str, str | int]]:
    """Of each source whose values changed, how many came, were revised and went."""
    found = connection.execute(
        f"""select source_id,
            count(*) filter (where valid_from_release = $v and started_by = 'added'),
            count(*) filter (where valid_from_release = $v and started_by = 'revised'),
            count(*) filter (where valid_to_release = $v and ended_by = 'withdrawn')
        from {history.VIEW} where $v in (valid_from_release, valid_to_release)
        group by source_id order by source_id""",
        {"v": version},
    ).fetchall()
    names = ("source_id", "added", "revised", "withdrawn")
    return [dict(zip(names, row, strict=True)) for row in found]


def _reasons(
    connection: duckdb.DuckDBPyConnection, before: Path | None
) -> list[dict[str, str | int]]:
    """Source × reason of which more or fewer cells are withheld than before, the largest first."""
    if before is None or not before.exists():
        return []
    found = connection.execute(
        f"""with now as (from fct_row_ledger where reason != ''),
        past as (from read_parquet({literal(before)}) where reason != '')
        select coalesce(now.source_id, past.source_id), coalesce(now.reason, past.reason),
            coalesce(past.cells, 0), coalesce(now.cells, 0)
        from now full join past using (source_id, disposition, reason)
        where now.cells is distinct from past.cells
        order by abs(coalesce(now.cells, 0) - coalesce(past.cells, 0)) desc, 1, 2"""
    ).fetchall()
    return [dict(zip(("source_id", "reason", "before", "now"), row, strict=True)) for row in found]


def _sources(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Rows of dim_source that this release has content of, in order."""
    found = connection.execute(
        """select source_id, title, publisher, edition, attribution, licence, may_redistribute
        from dim_source where source_id in (select source_id from dim_content) order by source_id"""
    )
    names = [d[0] for d in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
