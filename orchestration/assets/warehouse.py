"""The dbt project as assets: every model and seed an asset, every dbt test a check.

Belongs here: Dagster's view of dbt. Does not belong here: calling dbt (`orchestration.dbt`).
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

from orchestration import dbt
from orchestration.assets import build
from orchestration.assets.selections import MODEL, OBSERVE, STAGE
from orchestration.progress import say
from orchestration.resources import WriteSlot
from orchestration.settings import home

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
        return (
            str({"generated": "marts"}.get(folder, folder))
            if len(dbt_resource_props["fqn"]) > 2
            else "seeds"
        )


def warehouse_assets() -> list[AssetsDefinition]:
    """The three selections of the dbt project, each one step."""
    document = dbt.stored_manifest()
    return [
        _selection(document, "dbt_stage", STAGE),
        _selection(document, "dbt_observe", OBSERVE),
        _selection(document, "dbt_model", MODEL),
    ]


def _selection(document: Mapping[str, Any], name: str, select: tuple[str, ...]) -> AssetsDefinition:
    @dbt_assets(
        manifest=document,
        select=" ".join(select),
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
        chosen = select
        if len(keys) < len(list(context.assets_def.specs)):
            chosen = tuple(unique_id.split(".")[-1] for unique_id in keys)
        nodes = dbt.build(chosen)
        for node in nodes:
            if not node.ok:
                context.log.error("%s: %s", node.name, node.message)
        rows = _row_counts()
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
        # What was skipped because of a failure has no message of its own.
        told = [n for n in nodes if not n.ok and n.message]
        if failed := [n for n in told if n.kind != "test"]:
            raise RuntimeError(f"dbt: {failed[0].name} failed: {failed[0].message}")
        if failed := told or [n for n in nodes if not n.ok]:
            raise RuntimeError(
                f"dbt test {failed[0].name} failed: {failed[0].message}. The current release stays."
            )
        say(name, f"{len(keys)} models, {len(nodes) - len(keys)} tests")

    return selection


def _row_counts() -> dict[str, int]:
    with duckdb.connect(str(home().candidate), read_only=True) as connection:
        return dict(
            connection.execute("select table_name, estimated_size from duckdb_tables()").fetchall()
        )
