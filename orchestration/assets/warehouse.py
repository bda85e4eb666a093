"""The dbt project as assets: every model an asset, every dbt test a check.

Belongs here: Dagster's view of dbt. Does not belong here: calling dbt (`warehouse.dbt`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
)
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.assets import build
from orchestration.assets.raw import OWNERS
from orchestration.links import DBT_DOCS
from orchestration.plots import pictures
from orchestration.resources import WriteSlot
from releases.integrity import WAREHOUSE
from warehouse import dbt, needs
from warehouse.build import finish
from warehouse.needs import NotBuilt
from warehouse.project import Project

_ID = "dagster_dbt/unique_id"
# Marts whose pictures are shown with them. They come last, with what reads them: then dbt has
# closed the files that pictures are drawn from.
_PICTURED = {"mart_index_rank": "index", "mart_network": "network"}
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
        """So that the graph of groups has no circle: what is judged stands before its gate."""
        if dbt_resource_props["fqn"][1] == "intermediate" and "model" in dbt_resource_props["tags"]:
            return "publish"
        tags = {"stage": "staging", "observe": "observe", "model": "marts"}
        found = (group for tag, group in tags.items() if tag in dbt_resource_props["tags"])
        return next(found, "build")

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        page = f"{DBT_DOCS}/index.html#!/model/{dbt_resource_props['unique_id']}"
        return {**super().get_metadata(dbt_resource_props), "dbt_docs": MetadataValue.url(page)}

    def get_owners(self, _dbt_resource_props: Mapping[str, Any]) -> list[str]:
        return OWNERS


def warehouse_assets(project: Project) -> list[AssetsDefinition]:
    """The three selections of the dbt project, each one step, with the rooms between them."""
    document = dbt.document(project)
    selections = {
        name: _selection(project, document, name, select) for name, select in dbt.SELECTIONS.items()
    }
    in_order = {AssetKey(n): i for i, n in enumerate(needs.in_order(document))}
    keys = {n: sorted(d.keys, key=lambda k: in_order[k]) for n, d in selections.items()}
    return [
        *selections.values(),
        build.city_resolution(project, keys["dbt_stage"]),
        build.series_gate(
            project,
            keys["dbt_observe"],
            [build.MANIFEST, *keys["dbt_stage"], build.RESOLUTION, *keys["dbt_observe"]],
        ),
        build.candidate_gate(project, keys["dbt_model"]),
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
        models = {
            spec.metadata[_ID]: spec
            for spec in context.assets_def.specs
            if spec.key in context.selected_asset_keys
        }
        tests = {
            spec.metadata[_ID]: spec
            for spec in context.assets_def.check_specs
            if spec.key in context.selected_asset_check_keys
        }
        # A release takes the public tables along; checks alone then look at it.
        released = None if models else _released(project)
        try:
            runnable = _runnable(project, document, models, tests, released)
        except NotBuilt as error:
            raise Failure(str(error), allow_retries=False) from error
        for test in sorted(tests.keys() - runnable):
            context.log.warning("%s reads a table that is not there: not run", test)
        chosen: tuple[str, ...] = (select,)
        flags: tuple[str, ...] = ()
        if len(models) < len(list(context.assets_def.specs)):
            # Just these: dbt would add every test that reads one of them, whatever else it reads.
            chosen = tuple(unique_id.split(".")[2] for unique_id in sorted(runnable))
            flags = ("--indirect-selection", "empty")
        made_of = build.version(project)
        nodes: list[dbt.Node] = []
        pictured: set[AssetKey] = set()
        waiting: list[dbt.Node] = []
        for node in dbt.build(project, chosen, *flags, released=released):
            nodes.append(node)
            if not node.ok:
                context.log.error("%s: %s", node.name, node.message)
            if _waits(node, models, tests, pictured):
                waiting.append(node)
            else:
                yield from _results(node, models, tests, made_of)
        for node in waiting:
            kind = _PICTURED.get(node.name) if node.ok else None
            shown = pictures(project, kind) if kind else {}
            yield from _results(node, models, tests, made_of, shown)
        if released is None:
            finish(project, name, nodes)
        else:
            context.log.info("%d tests of %s", len(nodes), released)

    return selection


def _released(project: Project) -> Path | None:
    """The database of the current release, where no build is under way that has a candidate."""
    current = project.releases.current()
    if current is None or project.paths.candidate.exists():
        return None
    return project.paths.releases / str(current["version"]) / WAREHOUSE


def _runnable(
    project: Project,
    document: Mapping[str, Any],
    models: Mapping[str, AssetSpec],
    tests: Mapping[str, AssetCheckSpec],
    released: Path | None,
) -> set[str]:
    """Of what is chosen, all models, and the tests whose tables are there.

    Raises NotBuilt where a model reads what is not there; or a test, where no model is chosen.
    """
    asked = models or tests
    reader = ", ".join(unique_id.split(".")[2] for unique_id in sorted(asked)[:3])
    needs.demand(project.paths, reader, needs.reads(document, asked), released)
    there = needs.built(project.paths, released) | {unique_id.split(".")[2] for unique_id in models}
    return {*models, *(t for t in tests if needs.reads(document, [t]) <= there)}


def _waits(
    node: dbt.Node,
    models: Mapping[str, AssetSpec],
    tests: Mapping[str, AssetCheckSpec],
    pictured: set[AssetKey],
) -> bool:
    """Whether a node is pictured, reads what is, or tests such a model; keeps count of them."""
    if test := tests.get(node.unique_id):
        return test.asset_key in pictured
    if (model := models.get(node.unique_id)) is None:
        return False
    if node.name in _PICTURED or any(dep.asset_key in pictured for dep in model.deps):
        pictured.add(model.key)
    return model.key in pictured


def _results(
    node: dbt.Node,
    models: Mapping[str, AssetSpec],
    tests: Mapping[str, AssetCheckSpec],
    made_of: DataVersion,
    shown: Mapping[str, MetadataValue] = MappingProxyType({}),
) -> Iterator[MaterializeResult | AssetCheckResult]:
    if node.unique_id in models and node.ok:
        metadata: dict[str, float | MetadataValue] = {"seconds": node.seconds, **shown}
        if node.rows is not None:
            metadata["dagster/row_count"] = node.rows
        key = models[node.unique_id].key
        yield MaterializeResult(asset_key=key, metadata=metadata, data_version=made_of)
    if node.unique_id in tests:
        spec = tests[node.unique_id]
        yield AssetCheckResult(
            asset_key=spec.asset_key,
            check_name=spec.name,
            passed=node.ok,
            metadata={"message": node.message or "pass"},
        )
