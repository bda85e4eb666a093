"""dbt in this process: what is generated for it, parsing it, and building a selection of it.

Belongs here: everything that calls dbt. Does not belong here: Dagster's view of it (`assets`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.manifest import code_version
from orchestration.settings import DBT_PROJECT, prepare_environment
from sources.catalog import Catalog, load

GENERATED = DBT_PROJECT / "models" / "generated"


@dataclass(frozen=True)
class Node:
    """One model, seed or test that was run."""

    unique_id: str
    name: str
    kind: str
    ok: bool
    message: str
    seconds: float


def manifest_path() -> Path:
    """dbt's manifest.json for the project as it is now; parsed again only when it has changed."""
    prepare_environment()
    generate(load())
    target = Path(os.environ["DBT_TARGET_PATH"])
    path, mark = target / "manifest.json", target / "parsed_from"
    now = (
        code_version()
        + hashlib.sha256(b"".join(p.read_bytes() for p in sorted(GENERATED.glob("*")))).hexdigest()
    )
    if not path.exists() or not mark.exists() or mark.read_text(encoding="utf-8") != now:
        _parse()
        mark.write_text(now, encoding="utf-8")
    return path


def build(select: Iterable[str]) -> list[Node]:
    """`dbt build` of a selection: models, seeds and their tests. Raises RuntimeError if dbt dies.

    A failed node does not raise: the caller reads `ok`. The candidate file is closed afterwards.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    prepare_environment()
    parsed = _parse()
    try:
        ran = dbtRunner(manifest=parsed).invoke(
            ["build", *_flags(), "--select", *select],
        )
    finally:
        DuckDBConnectionManager.close_all_connections()
    if ran.exception:
        raise RuntimeError(f"dbt could not run: {ran.exception}") from ran.exception
    return [_node(r) for r in ran.result.results]


def _node(result: Any) -> Node:
    return Node(
        unique_id=result.node.unique_id,
        name=result.node.name,
        kind=str(result.node.resource_type),
        ok=str(result.status) in ("success", "pass"),
        message=str(result.message or ""),
        seconds=float(result.execution_time),
    )


@cache
def _parse() -> Any:
    from dbt.cli.main import dbtRunner

    ran = dbtRunner().invoke(["parse", *_flags()])
    if not ran.success:
        raise RuntimeError(f"the dbt project does not parse: {ran.exception or ran.result}")
    return ran.result


def _flags() -> list[str]:
    directory = str(DBT_PROJECT)
    return ["--project-dir", directory, "--profiles-dir", directory, "--log-level", "none"]


def generate(catalog: Catalog) -> None:
    """Write mart_city_year, its contract and nothing else from the indicator files."""
    wide = [
        i
        for i in catalog.indicators.values()
        if i.value_kind != "normal" and i.aggregation != "count"
    ]
    columns = ",\n".join(
        f"    max(fact.obs_value) filter (where fact.indicator = '{i.indicator}')::double"
        f" as {i.indicator}"
        for i in wide
    )
    query = (
        "-- One row per city × year × spatial unit; one column per indicator: preferred figures.\n"
        "-- Generated from dbt_project/indicators; do not edit.\n"
        "select\n    fact.city_id,\n    any_value(city.name) as city,\n"
        "    any_value(city.country_iso2) as country_iso2,\n    fact.year,\n"
        f"    fact.spatial_unit,\n{columns}\n"
        "from {{ ref('fct_observation') }} as fact\n"
        "inner join {{ ref('dim_city') }} as city on city.city_id = fact.city_id\n"
        "where fact.is_preferred and fact.year is not null\n"
        "group by fact.city_id, fact.year, fact.spatial_unit\n"
    )
    keys = [
        ("city_id", "bigint", "GeoNames id of the city"),
        ("city", "varchar", "Name of the city"),
        ("country_iso2", "varchar", "Country"),
        ("year", "integer", "Calendar year"),
        ("spatial_unit", "varchar", "Kind of boundary that the row speaks of"),
    ]
    measured = [(i.indicator, "double", f"{i.name} ({i.unit_measure})") for i in wide]
    grain = {"unique_grain": {"arguments": {"columns": ["city_id", "year", "spatial_unit"]}}}
    document = {
        "models": [
            {
                "name": "mart_city_year",
                "description": "One row per city × year × spatial unit; one column per indicator.",
                "data_tests": [grain],
                "columns": [
                    {"name": n, "data_type": t, "description": d} for n, t, d in keys + measured
                ],
            }
        ]
    }
    GENERATED.mkdir(exist_ok=True)
    _write_if_new(GENERATED / "mart_city_year.sql", query)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    _write_if_new(GENERATED / "mart_city_year.yml", text)


def _write_if_new(path: Path, text: str) -> None:
    # An untouched file keeps dbt's partial parse valid.
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def stored_manifest() -> dict[str, Any]:
    """dbt's manifest as a document, for Dagster."""
    document: dict[str, Any] = json.loads(manifest_path().read_text(encoding="utf-8"))
    return document
