"""Between the sources and the release: manifest, resolution of cities, and the two gates.

Belongs here: what Dagster sees of these steps. Does not belong here: the steps (`warehouse`).
"""

from collections.abc import Iterator, Sequence

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetsDefinition,
    DagsterInstance,
    DataVersion,
    Failure,
    MaterializeResult,
    MetadataValue,
    asset,
)
from dagster._core.definitions.data_version import DATA_VERSION_TAG

from core.errors import ReleaseRefused
from expectations.candidate import CHECKS as CANDIDATE_CHECKS
from expectations.series import CHECKS, PROFILE, SeriesGate
from orchestration.assets.raw import OBTAINED, OWNERS, all_sources
from orchestration.links import CANDIDATE_DOCS, SERIES_DOCS
from orchestration.resources import WriteSlot
from orchestration.tables import lines, table
from warehouse import build as steps
from warehouse import gates, manifest, needs, publish, resolution
from warehouse.needs import NotBuilt
from warehouse.project import Project

MANIFEST = AssetKey("build_manifest")
RESOLUTION = AssetKey("city_resolution")
SERIES_GATE = AssetKey("series_gate")
CANDIDATE_GATE = AssetKey("candidate_gate")
TOLD = "alerted"
"""Metadata of a failure that a person has been told of already."""


def build_manifest(project: Project) -> AssetsDefinition:
    @asset(
        key=MANIFEST,
        group_name="build",
        deps=[OBTAINED],
        owners=OWNERS,
        kinds={"python"},
        output_required=False,
        description="Exactly which contents this build reads. Nothing follows if nothing changed.",
    )
    def build_manifest(
        context: AssetExecutionContext, write_slot: WriteSlot
    ) -> Iterator[MaterializeResult]:
        if (made := steps.begin_if_new(project)) is None:
            context.log.info("nothing changed: no new release")
            return
        sources = [
            {
                "source": s.source_id,
                "access method": s.state,
                "cells": sum(c.facts["cells"] for c in s.contents),
            }
            for s in made.snapshots
        ]
        yield MaterializeResult(
            metadata={"identity": made.identity, "sources": table(sources)},
            data_version=DataVersion(made.identity),
        )

    return build_manifest


def city_resolution(project: Project, upstream: Sequence[AssetKey]) -> AssetsDefinition:
    @asset(
        key=RESOLUTION,
        group_name="cities",
        deps=upstream,
        owners=OWNERS,
        kinds={"python", "duckdb"},
        description="Which city every label means, how that was found, or why not.",
    )
    def city_resolution(write_slot: WriteSlot) -> MaterializeResult:
        _demand(project, "city_resolution", upstream)
        return MaterializeResult(
            metadata=dict(resolution.resolve_cities(project)), data_version=version(project)
        )

    return city_resolution


def series_gate(
    project: Project, upstream: Sequence[AssetKey], before: Sequence[AssetKey]
) -> AssetsDefinition:
    """`before`: everything from the manifest on that is made again where content is refused."""

    @asset(
        key=SERIES_GATE,
        group_name="gate_1",
        deps=upstream,
        owners=OWNERS,
        kinds={"greatexpectations"},
        output_required=False,
        check_specs=[
            *(
                AssetCheckSpec(
                    c.name,
                    asset=SERIES_GATE,
                    description=f"{c.explanation}: {c.allowed}. Otherwise: {c.severity}.",
                )
                for c in CHECKS
            ),
            AssetCheckSpec(
                "contents_accepted",
                asset=SERIES_GATE,
                description="No new content was refused and replaced by the last good one.",
            ),
        ],
        description="Gate 1: broken series are withheld, refused contents replaced by the last"
        " good ones.",
    )
    def series_gate(
        context: AssetExecutionContext, write_slot: WriteSlot
    ) -> Iterator[MaterializeResult | AssetCheckResult]:
        _demand(project, "series_gate", [AssetKey(PROFILE[1])])
        judgement = gates.judge_all_series(project)
        if judgement.refused:
            for event in _again(project, context.instance, before, ", ".join(judgement.refused)):
                context.log_event(event)
        if not judgement.nothing_new:
            yield MaterializeResult(
                metadata=_gate_metadata(judgement.gate), data_version=version(project)
            )
        broken = judgement.gate.broken.to_pylist()
        for result in judgement.gate.results.to_pylist():
            series = [
                {k: v for k, v in b.items() if k != "check_name"}
                for b in broken
                if b["check_name"] == result["check_name"]
            ]
            yield AssetCheckResult(
                check_name=result["check_name"],
                passed=result["success"],
                severity=AssetCheckSeverity.WARN,
                metadata={
                    "expected": result["expectation"],
                    "consequence": result["severity"],
                    "found": lines(series),
                    "series": len(series),
                    "all": table(series),
                    "data_docs": MetadataValue.url(SERIES_DOCS),
                },
            )
        refused = [{"source": s, "why": why} for s, why in judgement.refused.items()]
        yield AssetCheckResult(
            check_name="contents_accepted",
            passed=not refused,
            severity=AssetCheckSeverity.ERROR,
            metadata={"refused": lines(refused)},
        )

    return series_gate


def candidate_gate(project: Project, upstream: Sequence[AssetKey]) -> AssetsDefinition:
    @asset(
        key=CANDIDATE_GATE,
        group_name="gate_2",
        deps=upstream,
        owners=OWNERS,
        kinds={"greatexpectations"},
        output_required=False,
        check_specs=[
            AssetCheckSpec(name, asset=CANDIDATE_GATE, description=note)
            for name, note in CANDIDATE_CHECKS.items()
        ],
        description="Gate 2: the candidate passes, or there is no release.",
    )
    def candidate_gate(write_slot: WriteSlot) -> Iterator[MaterializeResult | AssetCheckResult]:
        _demand(project, "candidate_gate", upstream)
        publish.complete(project)
        evidence = gates.judge_the_candidate(project)
        if evidence.passed:
            yield MaterializeResult(
                metadata={
                    "expectations": len(evidence.outcomes),
                    "candidate_sha256": evidence.candidate_sha256,
                    "data_docs": MetadataValue.url(CANDIDATE_DOCS),
                },
                data_version=version(project),
            )
        # With no release before it, nothing can have collapsed; Dagster wants every result.
        for name in CANDIDATE_CHECKS.keys() - {o.check for o in evidence.outcomes}:
            not_asked = {"found": "not asked: there is no release to compare with"}
            yield AssetCheckResult(check_name=name, passed=True, metadata=not_asked)
        for outcome in evidence.outcomes:
            yield AssetCheckResult(
                check_name=outcome.check,
                passed=outcome.success,
                severity=AssetCheckSeverity.ERROR,
                metadata={
                    "table": outcome.table,
                    "expected": outcome.note or outcome.expectation,
                    "found": outcome.observed or outcome.unexpected,
                    "some": lines(outcome.examples),
                    "data_docs": MetadataValue.url(CANDIDATE_DOCS),
                },
            )
        try:
            gates.demand_pass(project, evidence)
        except ReleaseRefused as error:
            raise Failure(str(error), metadata={TOLD: True}, allow_retries=False) from error

    return candidate_gate


def _again(
    project: Project, instance: DagsterInstance, before: Sequence[AssetKey], refused: str
) -> Iterator[AssetMaterialization]:
    """What is there of the last good contents, in place of what was just made of refused ones.

    Without these events, everything would seem to be made of contents that are no longer there.
    """
    now = {OBTAINED: all_sources(project).data_version or version(project)}
    renamed: dict[str, str] = {}
    for key in (OBTAINED, *before):
        last = instance.get_latest_materialization_event(key)
        tags = (
            last.asset_materialization.tags if last and last.asset_materialization else {}
        ) or {}
        if was := tags.get(DATA_VERSION_TAG):
            renamed[was] = now.get(key, version(project)).value
        yield AssetMaterialization(
            key,
            metadata={"again": f"with the last good content of {refused}"},
            tags={k: renamed.get(v, v) for k, v in tags.items()},
        )


def version(project: Project) -> DataVersion:
    """Of everything that the build under way makes: builds of one identity give equal tables."""
    return DataVersion(manifest.load(project.paths).identity)


def _demand(project: Project, reader: str, tables: Sequence[AssetKey]) -> None:
    try:
        needs.demand(project.paths, reader, [key.path[-1] for key in tables])
    except NotBuilt as error:
        raise Failure(str(error), allow_retries=False) from error


def _gate_metadata(gate: SeriesGate) -> dict[str, MetadataValue | int]:
    verdicts = gate.verdicts.to_pylist()
    notable = [
        {k: v[k] for k in ("source_id", "indicator", "spatial_unit", "verdict", "reason")}
        for v in verdicts
        if v["verdict"] != "pass"
    ]
    return {
        "series": len(verdicts),
        "withheld": sum(v["verdict"] == "withheld" for v in verdicts),
        "warned": sum(v["verdict"] == "warn" for v in verdicts),
        "notable": table(notable),
        "data_docs": MetadataValue.url(SERIES_DOCS),
    }
