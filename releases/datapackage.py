"""The folder of a release as a Frictionless Data Package.

Belongs here: `datapackage.json`. Does not belong here: writing the files that it describes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import duckdb

_TYPES = {
    "BIGINT": "integer",
    "INTEGER": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "datetime",
}


def datapackage(
    connection: duckdb.DuckDBPyConnection,
    version: str,
    released_at: str,
    exported: Collection[str],
    not_exported_columns: Mapping[str, str],
) -> dict[str, Any]:
    """Data Package 1.0: one tabular resource per exported table, which is a Parquet file."""
    fields: dict[str, list[dict[str, str]]] = {}
    for table, column, kind, comment in connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns()"
        " where schema_name = 'main' and not internal order by table_name, column_index"
    ).fetchall():
        if not_exported_columns.get(table) == column:
            continue
        field = {"name": column, "type": _TYPES.get(kind, "string"), "description": comment or ""}
        fields.setdefault(table, []).append(field)
    described = connection.execute(
        """select table_name, comment from duckdb_tables() where schema_name = 'main'
        union all
        select view_name, comment from duckdb_views()
        where schema_name = 'main' and not internal and view_name like 'mart_%' order by 1"""
    ).fetchall()
    sources = connection.execute(
        "select publisher, title, homepage, licence from dim_source"
        " where state != 'unavailable' order by source_id"
    ).fetchall()
    return {
        "name": "world-city-network",
        "title": "World City Network: cities × years × indicators",
        "version": version,
        "created": released_at,
        "sources": [
            {"title": f"{publisher}: {title}", "path": page, "licence": licence}
            for publisher, title, page, licence in sources
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
            for table, description in described
            if table in exported
        ],
    }
