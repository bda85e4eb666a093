"""The two files of a build: scratch (raw, staging, intermediate), and the candidate for readers.

dbt writes what readers see straight into `candidate.duckdb`, which the gates judge and which then
becomes the release by being moved; everything else is in `scratch.duckdb`.

Belongs here: making both, and the `raw` schema that dbt reads. Does not belong here: modelling.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from catalog.load import CODE_LISTS, code_list
from catalog.tables import index_node_table, index_table, indicator_table, network_table
from cities.countries import countries, country_names
from cities.ids import OWN_IDS_FROM
from cities.pipeline import KEY_MACROS
from core.paths import DataPaths
from core.sql import literal
from sources.catalog import Catalog
from sources.cells import CELL_COLUMNS, PLACE_COLUMNS
from sources.snapshot import Content
from warehouse.manifest import Manifest

# The newest form of file that DuckDB 1.4 reads as well (duckdb-wasm's engine); a third smaller
# than the oldest one, which is the default.
STORAGE_VERSION = "v1.4.0"
# A quarter of what is usual: many of our columns are a few kilobytes long, and a release is 5 MB
# smaller.
BLOCK_BYTES = 1 << 16


def prepare(paths: DataPaths, catalog: Catalog, manifest: Manifest) -> None:
    """Begin a new candidate: an empty file, and a scratch file with exactly the named contents."""
    _remove(paths.candidate)
    contents = manifest.contents()
    if not _keep_staged_cells(paths.scratch, manifest):
        _remove(paths.scratch)
    cells = [c.folder(paths) / "cells.parquet" for c in contents]
    places = [c.folder(paths) / "places.parquet" for c in contents]
    with duckdb.connect() as connection:
        for name, file in (("candidate", paths.candidate), ("scratch", paths.scratch)):
            connection.execute(
                f"attach {literal(file)} as {name}"
                f" (storage_version '{STORAGE_VERSION}', block_size {BLOCK_BYTES})"
            )
        # dim_city_code is made with the macros that find_city of the release is called with.
        connection.execute(f"use candidate; {KEY_MACROS.read_text(encoding='utf-8')}")
        connection.execute("use scratch; create schema if not exists raw")
        _view(connection, "cell", cells, CELL_COLUMNS)
        _view(connection, "place", [p for p in places if p.exists()], _PLACE)
        tables = {
            "source": catalog.source_table,
            "country": countries(),
            "country_name": country_names(),
            "indicator": indicator_table(catalog.concepts),
            "network": network_table(catalog.concepts),
            "index": index_table(catalog.concepts),
            "index_node": index_node_table(catalog.concepts),
            "content": _content_table(contents),
            "source_state": _state_table(manifest),
            "build": _build_table(manifest, _code_of(paths, manifest.previous_release)),
            **{name: code_list(name) for name in CODE_LISTS},
        }
        for name, table in tables.items():
            _create(connection, name, table)
        previous = paths.releases / (manifest.previous_release or "-") / "parquet"
        for name, (public, columns) in _PREVIOUS.items():
            file = previous / f"{public}.parquet"
            _view(connection, name, [file] if file.exists() else [], columns)
        _previous_figures(connection, previous.parent / "warehouse.duckdb")


_ALL_BUT_STAGED_CELLS = """
    select 'view', schema_name, view_name from duckdb_views() where not internal
    union all
    select 'table', schema_name, table_name from duckdb_tables() where not internal
        and (schema_name, table_name) != ('staging', 'stg_cell')
"""


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)
    file.with_suffix(".duckdb.wal").unlink(missing_ok=True)


def _keep_staged_cells(scratch: Path, manifest: Manifest) -> bool:
    """Leave of the last build the staged cells that this one would stage again, and nothing else.

    False where there are none: no file, one that cannot be read, or one of other code.
    """
    if not scratch.exists():
        return False
    try:
        with duckdb.connect(str(scratch)) as connection:
            connection.register("content_of_build", _content_table(manifest.contents()))
            made_by = connection.execute("select code_version from raw.build").fetchone()
            if made_by != (manifest.code_version,):
                return False
            connection.execute(
                """delete from staging.stg_cell where content_id not in (
                    select before.content_id from raw.content as before
                    inner join content_of_build using (content_id, parse_version)
                    -- Whole: a build that failed may have staged something else.
                    inner join (
                        select content_id, count(*) as cells from staging.stg_cell group by all
                    ) as staged
                        on staged.content_id = before.content_id
                        and staged.cells = content_of_build.cells_read
                )"""
            )
            for kind, schema, name in connection.execute(_ALL_BUT_STAGED_CELLS).fetchall():
                connection.execute(f'drop {kind} "{schema}"."{name}"')
            return True
    except duckdb.Error:
        return False


def hand_over(paths: DataPaths, **tables: pa.Table) -> None:
    """Give dbt the result of another room, as `raw.<name>`."""
    with duckdb.connect(str(paths.scratch)) as connection:
        for name, table in tables.items():
            _create(connection, name, table)


def _create(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register("given", table)
    connection.execute(f"create or replace table raw.{name} as from given")
    connection.unregister("given")


_PLACE = {
    "content_id": "VARCHAR",
    "row_number": "BIGINT",
    **dict.fromkeys(PLACE_COLUMNS, "VARCHAR"),
}
_FIGURE = {
    "source_id": "VARCHAR",
    "indicator": "VARCHAR",
    "spatial_unit": "VARCHAR",
    "time_period": "VARCHAR",
    "obs_value": "DOUBLE",
    "city_id": "BIGINT",
}
# raw table → the public table of the release before, and what is read of it
_PREVIOUS = {
    "previous_city_code": (
        "dim_city_code",
        {
            "city_id": "BIGINT",
            "scheme": "VARCHAR",
            "code": "VARCHAR",
            "first_release": "VARCHAR",
        },
    ),
    "previous_content": (
        "dim_content",
        {"source_id": "VARCHAR", "content_id": "VARCHAR", "parse_version": "VARCHAR"},
    ),
    "previous_label": (
        "dim_label",
        {
            "label_id": "BIGINT",
            "source_id": "VARCHAR",
            "ref_area_code": "VARCHAR",
            "ref_area": "VARCHAR",
            "country_label": "VARCHAR",
            "city_id": "BIGINT",
            "outcome": "VARCHAR",
            "reviewed_by": "VARCHAR",
        },
    ),
    "previous_city": (
        "dim_city",
        {
            "city_id": "BIGINT",
            "name": "VARCHAR",
            "local_name": "VARCHAR",
            "country_iso2": "VARCHAR",
            "latitude": "DOUBLE",
            "longitude": "DOUBLE",
        },
    ),
    "previous_index_score": (
        "fct_index_score",
        {
            "index": "VARCHAR",
            "year": "INTEGER",
            "city_id": "BIGINT",
            "node": "VARCHAR",
            "indicator": "VARCHAR",
            "value": "DOUBLE",
            "value_year": "INTEGER",
            "spatial_unit": "VARCHAR",
            "per_value": "DOUBLE",
            "per_year": "INTEGER",
        },
    ),
    "previous_city_history": (
        "dim_city_history",
        {
            "city_id": "BIGINT",
            "name": "VARCHAR",
            "country_iso2": "VARCHAR",
            "admin1": "VARCHAR",
            "valid_from_release": "VARCHAR",
            "valid_to_release": "VARCHAR",
            "ended_by": "VARCHAR",
            "successor_city_id": "BIGINT",
        },
    ),
}


def _previous_figures(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    """`raw.previous_figure`: published cells of the release before; only its database has them."""
    if not warehouse.exists():
        _view(connection, "previous_figure", [], _FIGURE)
        return
    connection.execute(f"attach {literal(warehouse)} as previous (read_only)")
    connection.execute(
        f"""create table raw.previous_figure as select {", ".join(_FIGURE)}
        from previous.main.fct_source_observation
        where disposition = 'published' and city_id is not null and indicator is not null"""
    )
    connection.execute("detach previous")


def _view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    files: list[Path],
    columns: Mapping[str, str],
) -> None:
    """A view on named Parquet files, or on nothing of the same shape."""
    if files:
        listed = ", ".join(literal(f) for f in files)
        # A release of an earlier version may know fewer columns.
        known = {c for f in files for c in pq.read_schema(f).names}
        chosen = ", ".join(
            f'"{c}"' if c in known else f'null::{kind} as "{c}"' for c, kind in columns.items()
        )
        query = f"select {chosen} from read_parquet([{listed}], union_by_name = true)"
    else:
        typed = ", ".join(f'null::{kind} as "{c}"' for c, kind in columns.items())
        query = f"select {typed} where false"
    connection.execute(f"create or replace view raw.{name} as {query}")


def _content_table(contents: list[Content]) -> pa.Table:
    receipt = ("source_id", "resource", "sha256", "access_method", "url", "retrieved_at")
    text = ("content_id", *receipt, "etag", "last_modified", "table_map", "parse_version")
    schema = pa.schema(
        [(n, pa.string()) for n in text]
        + [(n, pa.int64()) for n in ("size", "status", "rows_read", "cells_read")]
    )
    return pa.Table.from_pylist(
        [
            {
                **c.receipt,
                "content_id": c.content_id,
                "table_map": c.table,
                "parse_version": c.parse_version,
                "rows_read": c.facts["rows"],
                "cells_read": c.facts["cells"],
            }
            for c in contents
        ],
        schema=schema,
    )


def _state_table(manifest: Manifest) -> pa.Table:
    return pa.table(
        {
            "source_id": pa.array([s.source_id for s in manifest.snapshots], pa.string()),
            "state": pa.array([s.state for s in manifest.snapshots], pa.string()),
        }
    )


def _code_of(paths: DataPaths, release: str | None) -> str | None:
    """The version of the code that made a release."""
    if release is None:
        return None
    stored = json.loads((paths.releases / release / "manifest.json").read_text(encoding="utf-8"))
    code: str = stored["build"]["code_version"]
    return code


def _build_table(manifest: Manifest, previous_code: str | None) -> pa.Table:
    return pa.table(
        {
            "build_id": [manifest.identity[:16]],
            "code_version": [manifest.code_version],
            "release": [manifest.version],
            "previous_release": pa.array([manifest.previous_release], pa.string()),
            "previous_code_version": pa.array([previous_code], pa.string()),
            "own_ids_from": pa.array([OWN_IDS_FROM], pa.int64()),
        }
    )
