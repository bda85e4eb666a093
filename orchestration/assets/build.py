"""Between the sources and the release: manifest, resolution of cities, and the two gates.

Belongs here: what Dagster sees of these steps. Does not belong here: the steps (`pipeline`).
"""

from collections.abc import Iterable, Iterator

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    MaterializeResult,
    MetadataValue,
    asset,
)

from expectations.series import CHECKS, SeriesGate
from orchestration.assets.raw import raw_key
from orchestration.resources import WriteSlot
from warehouse import build as steps
from warehouse import gates, publish, resolution
from warehouse.manifest import Manifest
from warehouse.project import Project

MANIFEST = AssetKey("build_manifest")
RESOLUTION = AssetKey("city_resolution")
SERIES_GATE = AssetKey("series_gate")
CANDIDATE_GATE = AssetKey("candidate_gate")


def build_manifest(project: Project) -> AssetsDefinition:
    @asset(
        key=MANIFEST,
        group_name="build",
        deps=[raw_key(s) for s in project.catalog.sources],
        output_required=False,
        description="Exactly which contents this build reads. Nothing follows if nothing changed.",
    )
    def build_manifest(
        context: AssetExecutionContext, write_slot: WriteSlot
    ) -> Iterator[MaterializeResult]:
        if (made := steps.begin_if_new(project)) is None:
            context.log.info("nothing changed: no new release")
            return
        yield MaterializeResult(
            metadata={"identity": made.identity, "sources": _sources_table(made)}
        )

    return build_manifest


def city_resolution(project: Project, upstream: Iterable[AssetKey]) -> AssetsDefinition:
    @asset(
        key=RESOLUTION,
        group_name="build",
        deps=list(upstream),
        description="Which city every label means, how that was found, or why not.",
    )
    def city_resolution(write_slot: WriteSlot) -> MaterializeResult:
        counted = resolution.resolve_cities(project)
        return MaterializeResult(metadata=dict(counted))

    return city_resolution


def series_gate(project: Project, upstream: Iterable[AssetKey]) -> AssetsDefinition:
    @asset(
        key=SERIES_GATE,
        group_name="gates",
        deps=list(upstream),
        output_required=False,
        check_specs=[
            *(AssetCheckSpec(c.name, asset=SERIES_GATE, description=c.explanation) for c in CHECKS),
            AssetCheckSpec("contents_accepted", asset=SERIES_GATE),
        ],
        description="Gate 1: broken series are withheld, refused contents replaced by the last"
        " good ones.",
    )
    def series_gate(write_slot: WriteSlot) -> Iterator[MaterializeResult | AssetCheckResult]:
        judgement = gates.judge_all_series(project)
        if not judgement.nothing_new:
            yield MaterializeResult(metadata=_gate_metadata(judgement.gate))
        for result in judgement.gate.results.to_pylist():
            yield AssetCheckResult(
                check_name=result["check_name"],
                passed=result["success"],
                severity=AssetCheckSeverity.WARN,
                metadata={"series": result["unexpected"], "expectation": result["expectation"]},
            )
        yield AssetCheckResult(
            check_name="contents_accepted",
            passed=not judgement.refused,
            severity=AssetCheckSeverity.ERROR,
            metadata=dict(judgement.refused),
        )

    return series_gate


def candidate_gate(project: Project, upstream: Iterable[AssetKey]) -> AssetsDefinition:
    @asset(
        key=CANDIDATE_GATE,
        group_name="gates",
        deps=list(upstream),
        description="Gate 2: the candidate passes, or the release is refused.",
    )
    def candidate_gate(write_slot: WriteSlot) -> MaterializeResult:
        publish.complete(project)
        evidence = gates.judge_the_candidate(project)
        rows = "\n".join(f"| {o.check} | {o.table} | {o.expectation} |" for o in evidence.outcomes)
        return MaterializeResult(
            metadata={
                "expectations": len(evidence.outcomes),
                "candidate_sha256": evidence.candidate_sha256,
                "passed": MetadataValue.md(
                    f"| check | table | expectation |\n|---|---|---|\n{rows}"
                ),
            }
        )

    return candidate_gate


def _sources_table(made: Manifest) -> MetadataValue:
    rows = "\n".join(
        f"| {s.source_id} | {s.state} | {sum(c.facts['cells'] for c in s.contents):,} |"
        for s in made.snapshots
    )
    return MetadataValue.md(f"| source | access method | cells |\n|---|---|---|\n{rows}")


def _gate_metadata(gate: SeriesGate) -> dict[str, MetadataValue | int]:
    verdicts = gate.verdicts.to_pylist()
    notable = "\n".join(
        f"| {v['source_id']} | {v['indicator']} | {v['verdict']} | {v['reason']} |"
        for v in verdicts
        if v["verdict"] != "pass"
    )
    return {
        "series": len(verdicts),
        "withheld": sum(v["verdict"] == "withheld" for v in verdicts),
        "warned": sum(v["verdict"] == "warn" for v in verdicts),
        "notable": MetadataValue.md(
            f"| source | indicator | verdict | reason |\n|---|---|---|---|\n{notable}"
        ),
    }
