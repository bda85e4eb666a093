"""The dbt project as assets: every model an asset, every dbt test a check.

Belongs here: Dagster's view of dbt. Does not belong here: calling dbt (`warehouse.dbt`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
from dagster import (
    AssetCheckResult,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
)
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from core.paths import DataPaths
from orchestration.assets import build
from orchestration.resources import WriteSlot
from warehouse import dbt
from warehouse.build import finish
from warehouse.project import Project

_ID = "dagster_dbt/unique_id"
# Which asset hands over which table of dbt's `raw` source.
_HANDED_BY = {
    "resolution": build.RESOLUTION,
    "series_verdict": build.SERIES_GATE,
    "gate_result": build.SERIES_GATE,
}


class _Translator(DagsterDbtTranslator):
    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            return _HANDED_BY.get(dbt_resource_props["name"], build.MANIFEST)
        return AssetKey(dbt_resource_props["name"])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        folder = dbt_resource_props["fqn"][1]
        return str({"generated": "marts"}.get(folder, folder))


def warehouse_assets(project: Project) -> list[AssetsDefinition]:
    """The three selections of the dbt project, each one step, with the rooms between them."""
    document = dbt.document(project)
    selections = {
        name: _selection(project, document, name, select) for name, select in dbt.SELECTIONS.items()
    }
    keys = {name: definition.keys for name, definition in selections.items()}
    return [
        *selections.values(),
        build.city_resolution(project, sorted(keys["dbt_stage"])),
        build.series_gate(project, sorted(keys["dbt_observe"])),
        build.candidate_gate(project, sorted(keys["dbt_model"])),
    ]


def _selection(
    project: Project, document: Mapping[str, Any], name: str, select: str
) -> AssetsDefinition:
    @dbt_assets(
        manifest=document,
        select=select,
        name=name,
        dagster_dbt_translator=_Translator(),
    )
    def selection(
        context: AssetExecutionContext, write_slot: WriteSlot
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        keys = {
            spec.metadata[_ID]: spec.key
            for spec in context.assets_def.specs
            if spec.key in context.selected_asset_keys
        }
        checks = {
            spec.metadata[_ID]: spec
            for spec in context.assets_def.check_specs
            if spec.key in context.selected_asset_check_keys
        }
        chosen = (select,)
        if len(keys) < len(list(context.assets_def.specs)):
            chosen = tuple(unique_id.split(".")[-1] for unique_id in keys)
        nodes = dbt.build(project, chosen)
        for node in nodes:
            if not node.ok:
                context.log.error("%s: %s", node.name, node.message)
        rows = _row_counts(project.paths)
        for node in nodes:
            if node.unique_id in keys and node.ok:
                metadata = {"seconds": node.seconds, "dagster/row_count": rows.get(node.name, 0)}
                yield MaterializeResult(asset_key=keys[node.unique_id], metadata=metadata)
        for node in nodes:
            if node.unique_id in checks:
                spec = checks[node.unique_id]
                yield AssetCheckResult(
                    asset_key=spec.asset_key,
                    check_name=spec.name,
                    passed=node.ok,
                    metadata={"message": node.message or "pass"},
                )
        finish(project, name, nodes)

    return selection


def _row_counts(paths: DataPaths) -> dict[str, int]:
    rows: dict[str, int] = {}
    for file in (paths.scratch, paths.candidate):
        with duckdb.connect(str(file), read_only=True) as connection:
            counted = "select table_name, estimated_size from duckdb_tables()"
            rows |= dict(connection.execute(counted).fetchall())
    return rows
